"""What a page in Chromium holds when its scripts have run: every text of the document and of the scripts' state, each with its place."""

from __future__ import annotations

import html
import re
import time
from collections import Counter
from dataclasses import dataclass

from safeguard.guard.script import PREFIX
from safeguard.system.chromium_pipe import Page

Place = tuple[str, ...]
QUIET_S = 1.0
WAIT_S = 15.0
_NAMED = ("alt", "title", "content", "aria-label", "placeholder", "value")
_TEXTS = """(() => {
  const NAMED = %s, out = [], broken = [], seen = new Set();
  const add = (place, text) => { if (text.trim()) out.push([place, text.trim()]); };
  const state = (value, place) => {
    if (typeof value === 'string') return add(place, value);
    if (!value || typeof value !== 'object' || seen.has(value)) return;
    if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return;
    seen.add(value);
    for (const key of Object.keys(value)) state(value[key], [...place, key]);
  };
  const element = (e, place) => {
    if (e.localName === 'script') {
      if (!/json/i.test(e.type)) return;
      try { state(JSON.parse(e.textContent), place); } catch { broken.push(e.textContent); }
      return;
    }
    if (e.localName === 'style') return;
    for (const name of NAMED) if (e.hasAttribute(name)) add([...place, '@' + name], e.getAttribute(name));
    inside(e, place);
    if (e.localName === 'template') inside(e.content, [...place, 'template']);
    if (e.shadowRoot) inside(e.shadowRoot, [...place, 'shadow']);
  };
  const inside = (node, place) => {
    let n = 0;
    for (const child of node.childNodes) {
      if (child.localName === 'script' && child.src.includes(%s)) continue;  // the guard's own tag is no part of the page
      if (child.nodeType === Node.ELEMENT_NODE) element(child, [...place, child.localName + ++n]);
      if (child.nodeType === Node.TEXT_NODE) add([...place, 'text' + n], child.data);
    }
  };
  element(document.documentElement, ['document']);
  for (const name of Object.keys(window)) { try { state(window[name], ['window', name]); } catch { /* a getter of the page's own */ } }
  return [out, broken];
})()""" % (list(_NAMED), f"'{PREFIX}'")  # noqa: UP031  # braces are JavaScript's


@dataclass(frozen=True, slots=True)
class Seen:
    """texts: place -> text, elements' places by their order; source: the live document, serialised; errors: what scripts did not catch,
    and JSON for them that is none."""

    texts: dict[Place, str]
    source: str
    errors: Counter[str]

    def holds(self, text: str) -> bool:
        """Whether the text can be read anywhere, in the source of scripts too."""
        return any(text in held for held in (*self.texts.values(), *_readings(self.source)))

    def around(self, place: Place) -> str:
        """What a reader finds at the place: the texts of the smallest box around it that has any."""
        for size in range(len(place), 0, -1):
            if found := [t for p, t in self.texts.items() if p[:size] == place[:size]]:
                return "\n".join(found)
        return ""


def _readings(source: str) -> tuple[str, ...]:
    unescaped = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), source)
    return source, unescaped, html.unescape(unescaped)


def settle(page: Page) -> None:
    """Wait until the page has loaded nothing and thrown nothing for a while; a page that never rests is taken as it is."""
    watched = ("Network.requestWillBeSent", "Network.loadingFinished", "Network.loadingFailed", "Runtime.exceptionThrown")
    end, last, since = time.monotonic() + WAIT_S, -1, time.monotonic()
    while time.monotonic() < min(end, since + QUIET_S):
        now = sum(len(page.events(name)) for name in watched)
        if now != last:
            last, since = now, time.monotonic()
        time.sleep(0.05)


def read(page: Page) -> Seen:
    """The page as it is now."""
    found, broken = page.eval(_TEXTS)
    texts = {tuple(place): text for place, text in found}
    thrown = [e["exceptionDetails"] for e in page.events("Runtime.exceptionThrown")]
    errors = Counter(str(t.get("exception", {}).get("description") or t["text"]).partition("\n")[0] for t in thrown)
    errors["JSON that does not parse"] = len(broken)
    return Seen(texts, page.html(), errors)

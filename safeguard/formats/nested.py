"""One string, whatever it holds: plain text, HTML, JSON in a string, or all of them in each other. Joins the readers. Pure."""

from __future__ import annotations

import re

from safeguard.formats.escape import html_text, html_unquoted, identity, string_literal
from safeguard.formats.found import LETTER, MAYBE_LETTER, Draft, Findings
from safeguard.formats.keys import Keys
from safeguard.formats.literals import ESCAPES, is_json, json_string, undo, unescaped
from safeguard.formats.markup import read_markup
from safeguard.formats.objects import read_json, read_script
from safeguard.formats.references import REFERENCE, undo_reference, undone
from safeguard.formats.sites.model import SiteProfile
from safeguard.formats.view import DEEPEST, View
from safeguard.text.unit import Role

TAG = re.compile(r"<(?:[A-Za-z][^<>]*|/[A-Za-z][^<>]*|!--.*?--)>", re.S)
_JSON_START = re.compile(r"\s*+(?:\{\s*+[\"}]|\[\s*+[\"\[{\]\dtfn-])")
_JSON_PREFIX = re.compile(r"\s*+(?:for\s*\(;;\);|while\s*\((?:1|true)\);|\)\]\}',?|&&&START&&&|throw 1;|/\*-secure-)?\s*+(?=[\[{])")


def looks_like_json(text: str) -> bool:
    """Whether a string is a JSON document of its own."""
    return _JSON_START.match(text) is not None and text.rstrip()[-1:] in ("}", "]") and is_json(text)


class Nested:
    """The Reader of found.py for one body of one site."""

    def __init__(self, site: SiteProfile | None) -> None:
        self.findings = Findings()
        self.site = site
        self.keys = Keys.of(site)

    def string(self, view: View, start: int, end: int, quoted: str, draft: Draft | None, role: Role) -> None:
        """A string at start:end of the view: read as what it holds, as deep as DEEPEST."""
        if quoted == "json":
            text, escape, pattern, decode = json_string(view.text, start, end), string_literal, ESCAPES, undo
        elif quoted == "js":
            text, escape, pattern, decode = unescaped(view.text[start:end]), string_literal, ESCAPES, undo
        elif quoted in ("html", "attr"):
            text, escape, pattern, decode = undone(view.text[start:end]), html_text, REFERENCE, undo_reference
            if quoted == "attr" and view.text[start - 1 : start] not in ('"', "'"):
                escape = html_unquoted
        else:
            text, escape, pattern, decode = view.text[start:end], identity, None, None
        if not MAYBE_LETTER.search(text):
            return
        nested = view.depth < DEEPEST
        if nested and escape is not html_unquoted:
            if looks_like_json(text):
                inner = view.inside(start, end, text, escape, pattern if len(text) != end - start else None, decode)
                read_json(inner, 0, len(text), self, self.keys, None, role)
                return
            if "<" in text and TAG.search(text):
                inner = view.inside(start, end, text, escape, pattern if len(text) != end - start else None, decode)
                own = draft if draft is not None else self.findings.draft()
                read_markup(inner, 0, len(text), self, self.site, own, role, fragment=True)
                return
        shown = undone(text) if quoted in ("json", "js") and "&" in text else text
        if not LETTER.search(shown):
            return
        (draft if draft is not None else self.findings.draft()).add(shown, role, (view.run(start, end, escape),))

    def script(self, view: View, start: int, end: int, kind: str) -> None:
        """JSON, a template of markup, or code."""
        low = kind.lower()
        if "html" in low or "template" in low or view.text[start:end].lstrip()[:1] == "<":
            read_markup(view, start, end, self, self.site, None, None, fragment=True)
        if "json" in low or (_JSON_PREFIX.match(view.text, start, end) and is_json(view.text[start:end].strip())):
            read_json(view, start, end, self, self.keys)
        else:
            read_script(view, start, end, self, self.keys)

    def markup(self, view: View, start: int, end: int) -> None:
        """A comment, <noscript> or alike: markup some script or setting may bring to light, or JSON kept in a comment."""
        text = view.text[start:end]
        if view.depth >= DEEPEST or not LETTER.search(text):
            return
        inner = view.inside(start, end, text, identity)
        if looks_like_json(text):
            read_json(inner, 0, len(text), self, self.keys)
        else:
            read_markup(inner, 0, len(text), self, self.site, None, None, fragment=True)

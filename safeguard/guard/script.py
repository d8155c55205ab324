"""The guard's script for one site: the program with what it needs to know of the site written into it, and where it is asked for. Pure."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from safeguard.formats.sites.model import Selector, SiteProfile
from safeguard.policy.notice import UNCHECKED
from safeguard.text.unit import Role

PREFIX = "/.well-known/safeguard/"
"""What begins so on a watched host is answered by the proxy and never leaves this computer."""
ASK = "ask"
CHECK = f"{PREFIX}check"
"""The page on which a child asks the parents to check what was hidden; on every watched host, and no secret."""
PLACE = "/*settings*/null"
"""Where the settings go in guard.js."""
OUTER = ("article", "[role=article]", "[role=row]", "[role=listitem]", "li")
"""What holds one post or message on most sites."""
MOST_TEXT = 100_000
"""Characters of one text that are judged; a longer one goes, as unchecked."""


@dataclass(frozen=True, slots=True)
class Script:
    """text: what is served. name: of the file; changes with the text. integrity: for the tag."""

    text: str
    name: str
    integrity: str


def css(selector: Selector) -> str:
    """The selector as CSS."""
    marks = [f"[class~={_quoted(c)}]" for c in sorted(selector.classes)]
    marks += [f"[{n}]" if v is None else f"[{n}={_quoted(v)}]" for n, v in selector.attributes]
    return selector.tag + "".join(marks)


def _quoted(value: str) -> str:
    return '"' + "".join(c if c.isalnum() or c in "-_ :/." else f"\\{ord(c):x} " for c in value) + '"'


def _css(selectors: Iterable[Selector]) -> str:
    return ",".join(dict.fromkeys(css(s) for s in selectors))


def script_of(program: str, site: SiteProfile, ask: str, mark: str, lang: str) -> Script:
    """The script for that site. ask: the path it asks at; mark: attribute it marks elements with; lang: of its own notices."""
    roles: dict[Role, list[Selector]] = {}
    for selector, role in site.selectors:
        roles.setdefault(role, []).append(selector)
    settings = {
        "ask": ask,
        "mark": mark,
        "outer": ",".join(filter(None, (_css(site.units), *OUTER))),
        "own": _css((*site.units, *(s for s, _ in site.selectors))),
        "roles": [[role.value, _css(selectors)] for role, selectors in roles.items()],
        "most": MOST_TEXT,
        "unchecked": UNCHECKED[lang],
        "check": CHECK,
    }
    text = program.replace(PLACE, json.dumps(settings), 1)
    digest = hashlib.sha256(text.encode()).digest()
    return Script(text, f"{digest.hex()[:16]}.js", f"sha256-{b64encode(digest).decode()}")

"""One message of a live connection: JSON, engine.io / socket.io / SockJS frames, XMPP stanzas, SignalR, or lines of a chat. Pure."""

from __future__ import annotations

import re

from safeguard.formats.document import Document
from safeguard.formats.literals import is_json
from safeguard.formats.markup import read_markup
from safeguard.formats.nested import Nested
from safeguard.formats.objects import read_json
from safeguard.formats.plain import read_chat
from safeguard.formats.sites.model import SiteProfile
from safeguard.formats.view import View

_FRAME = re.compile(r"\ufeff?\s*+(?:\d+(?:-\d*)?(?:/[^,\[{]*,)?\d*|[aomc](?=\[)|for\s*\(;;\);|\)\]\}')?\s*+(?=[\[{\"])")
_STANZA = re.compile(r"\s*+<[a-zA-Z?!]")
_SEPARATOR = "\x1e"  # between engine.io payloads and after each SignalR message


def read_message(text: str, site: SiteProfile | None = None) -> Document:
    """The texts of one text message."""
    return read_view(View(text), text, site)


def read_view(view: View, body: str, site: SiteProfile | None) -> Document:
    """The texts of a message that stands (perhaps in pieces, as in an event stream) in `body`. Never fails."""
    nested = Nested(site)
    at = 0
    for part in view.text.split(_SEPARATOR):
        end = at + len(part)
        if _is_frame(part):
            read_json(view, at, end, nested, nested.keys)
        elif _STANZA.match(part):
            read_markup(view, at, end, nested, site, xml=True)
        else:
            read_chat(view, at, end, nested.findings)
        at = end + 1
    return nested.findings.document(body)


def _is_frame(part: str) -> bool:
    m = _FRAME.match(part)
    if m is None:
        return False
    rest = part[m.end() :].strip()
    return is_json(rest) or ((lines := [x for x in rest.splitlines() if x.strip()]) != [] and all(is_json(x) for x in lines))

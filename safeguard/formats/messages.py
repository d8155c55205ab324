"""Messages of live connections: JSON, engine.io / socket.io / SockJS frames, XMPP stanzas, SignalR, or lines of a chat. Pure."""

from __future__ import annotations

import re

from safeguard.formats.document import Document
from safeguard.formats.found import MAYBE_LETTER
from safeguard.formats.irc import read_lines
from safeguard.formats.literals import is_json
from safeguard.formats.markup import read_markup
from safeguard.formats.nested import Nested
from safeguard.formats.objects import read_json
from safeguard.formats.payloads import Packet, once, packets
from safeguard.formats.sites.model import SiteProfile
from safeguard.formats.view import View

_FRAME = re.compile(r"\ufeff?\s*+(?:\d++(?:-\d*+)?+(?:/[^,\[{]*+,)?\d*+|[aomc](?=\[)|for\s*\(;;\);|\)\]\}')?\s*+(?=[\[{\"])")
_STANZA = re.compile(r"\s*+<[a-zA-Z?!]")
_IDLE = re.compile(r"\s*|\d[\w/,-]*|b[\w+/=]*")
"""A frame without words: ping, pong, an upgrade, bytes in base64."""
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c\x1d\x1f]")
_SEPARATOR = "\x1e"  # between engine.io payloads and after each SignalR message


def read_message(text: str, site: SiteProfile | None = None) -> Document:
    """The texts of one text message."""
    return read_view(View(text), text, site)


def read_view(view: View, body: str, site: SiteProfile | None) -> Document:
    """The texts of a message that stands (perhaps in pieces, as in an event stream) in `body`. Never fails."""
    nested = Nested(site)
    read_frames(view, nested)
    return nested.findings.document(body)


def read_frames(view: View, nested: Nested) -> None:
    """The texts of one frame, of several with a separator between them, or of a payload of long polling."""
    text = view.text
    if view.depth == 0 and (found := packets(text)) is not None:
        for packet in found:
            nested.findings.lengths.append(packet.length)
            _read(once(view, packet.start, packet.end), view, packet.start, packet.end, nested)
        return
    at = 0
    for part in text.split(_SEPARATOR):
        _read(None, view, at, at + len(part), nested)
        at += len(part) + 1


def read_bytes(view: View, found: list[Packet], nested: Nested) -> None:
    """The texts of a binary payload of long polling, whose bytes are the letters of the view; a binary packet with none is left."""
    for packet in found:
        nested.findings.lengths.append(packet.length)
        start = packet.start + 1 if packet.binary else packet.start  # the first byte is the packet's type
        if not packet.binary or is_text(view.text[start : packet.end].encode("latin-1")):
            _read(once(view, start, packet.end), view, start, packet.end, nested)


def is_text(data: bytes) -> bool:
    """Whether bytes are a text: UTF-8 without the control characters that no text has."""
    if _CONTROL.search(data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def is_framed(text: str) -> bool:
    """Whether a body is one or more frames of a live connection, as long polling brings them. JSON alone is not asked for."""
    if packets(text):
        return True
    if _SEPARATOR not in text and not _FRAME.match(text):
        return False
    parts = text.split(_SEPARATOR)
    return all(_IDLE.fullmatch(p) or _is_frame(p) for p in parts) and any(_is_frame(p) for p in parts)


def _read(inner: View | None, view: View, start: int, end: int, nested: Nested) -> None:
    """One frame at start:end of the view, or the whole of `inner`, which is the same with something undone."""
    if inner is not None:
        view, start, end = inner, 0, len(inner.text)
    if not MAYBE_LETTER.search(view.text, start, end):
        return
    part = view.text[start:end]
    if _is_frame(part):
        read_json(view, start, end, nested, nested.keys)
    elif _STANZA.match(part):
        read_markup(view, start, end, nested, nested.site, xml=True)
    else:
        read_lines(view, start, end, nested.findings)


def without_prefix(text: str) -> str:
    """A frame from its JSON on, if it is one; no word stands before it."""
    m = _FRAME.match(text)
    return text[m.end() :] if m else text


def _is_frame(part: str) -> bool:
    m = _FRAME.match(part)
    if m is None:
        return False
    rest = part[m.end() :].strip()
    return is_json(rest) or ((lines := [x for x in rest.splitlines() if x.strip()]) != [] and all(is_json(x) for x in lines))

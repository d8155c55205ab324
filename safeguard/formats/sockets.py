"""One live connection: what its messages hold, whatever they are packed in, or which protocol it speaks that nobody can read. Pure.

| message                                                   | what happens                                    |
|-----------------------------------------------------------|-------------------------------------------------|
| text, or bytes that are one                               | read (messages.py)                              |
| a zlib or zstd stream by the address; packed by itself    | unpacked in bounded steps, read, packed again   |
| Erlang's terms                                            | read as the JSON they stand for (etf.py)        |
| picture, sound, film                                      | passes                                          |
| MQTT, WhatsApp's Noise, what the profile's addresses name | the profile's `opaque`, else it cannot be read  |
| all else, broken, too large                               | it cannot be read: the profile's `on_error`     |
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from safeguard.errors import Unchecked
from safeguard.formats import etf, packed
from safeguard.formats.bodies import ENTITY, opaque
from safeguard.formats.messages import is_text
from safeguard.formats.sites.model import SiteProfile

_MEDIA = re.compile(rb"\x04?(?:\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|RIFF....WEBP|\0\0..ftyp|\x1aE\xdf\xa3|OggS\0)", re.S)
"""Perhaps behind the type that engine.io 3 gives to bytes, which may go before a text too."""
_TYPED = b"\x04"
_SENT = (
    (re.compile(rb"\x10[\x80-\xff]{0,3}[\x00-\x7f]\0(?:\x04MQTT|\x06MQIsdp)"), "MQTT"),
    (re.compile(rb"(?:ED\0\x01.{3,48}?)?WA[\x00-\x1f]", re.S), "WhatsApp's Noise protocol"),
)
"""What a page's first bytes say."""
_CAME = ((re.compile(rb"\x20[\x02-\x7f][\x00\x01]"), "MQTT"),)
"""What the server's first bytes say, where they are as many as their second one counts."""


class Frame(NamedTuple):
    """text: what is to be judged, None where the message may pass unread.

    out: what goes out with that text, or (None) with its own; asked for once, since a stream goes on with it.
    """

    text: str | None
    out: Callable[[str | None], bytes]


class Socket:
    """One connection. protocol: the name of one that cannot be read, once it is known; broken: nothing that still comes can be read."""

    def __init__(self, url: str, subprotocol: str, site: SiteProfile | None, limit: int) -> None:
        self._site = site
        self._limit = limit
        self._stream = packed.stream_of(url, limit)
        self._sent = self._came = False
        self.broken = False
        self.protocol = ""
        if subprotocol.strip().lower().startswith("mqtt"):
            self.protocol = "MQTT"
        elif site is not None and any(part in url for part in site.opaque_sockets):
            self.protocol = "a protocol of its own"

    def sent(self, data: bytes) -> None:
        """What the page sends in bytes: only the first of it is looked at."""
        if not self._sent and not self.protocol:
            self.protocol = next((name for pattern, name in _SENT if pattern.match(data)), "")
        self._sent = True

    def read(self, message: str | bytes) -> Frame | None:
        """What a message of the server's holds; None where the rest of it is still to come. Raises Unchecked for what cannot be read."""
        if self.broken:
            raise Unchecked("what comes after a broken message cannot be read")
        if isinstance(message, str):
            if message.lstrip()[:1] == "<" and ENTITY.search(message):
                raise Unchecked("XML that defines entities of its own")
            return _frame(message, message.encode("utf-8", "surrogatepass"))
        if self._stream is None:
            return self._opened(message)
        try:
            data = self._stream.unpack(message)
        except Unchecked:
            self.broken = True
            raise
        if data is None:
            return None
        inner, pack = self._opened(data), self._stream.pack
        return Frame(inner.text, lambda text: pack(inner.out(text)))

    def _opened(self, data: bytes, inside: bool = False) -> Frame:
        """A message in bytes, out of its stream. inside: it was packed by itself, too."""
        if is_text(data):
            return _frame(data.decode("utf-8"), data)
        first, self._came = not self._came, True
        if first and not self.protocol and len(data) > 2 and len(data) == 2 + data[1]:
            self.protocol = next((name for pattern, name in _CAME if pattern.match(data)), "")
        if self.protocol:
            opaque(self._site, f"a binary message ({self.protocol})")
            return _unread(data)
        if data.startswith(etf.VERSION):
            term = etf.read_term(data, self._limit)
            return Frame(term.json, lambda text: data if text is None else term.holding(text))
        if not inside and (found := packed.unpacked(data, self._limit)) is not None:
            return _around(data, self._opened(found[0], True), found[1])
        if data.startswith(_TYPED) and is_text(data[1:]):
            return _around(data, _frame(data[1:].decode("utf-8"), data[1:]), lambda inner: _TYPED + inner)
        if _MEDIA.match(data):
            return _unread(data)
        raise Unchecked("a binary message in a format that nobody knows cannot be read")


def _frame(text: str, data: bytes) -> Frame:
    return Frame(text, lambda new: data if new is None else new.encode("utf-8", "surrogatepass"))


def _unread(data: bytes) -> Frame:
    return Frame(None, lambda text: data)


def _around(data: bytes, inner: Frame, pack: Callable[[bytes], bytes]) -> Frame:
    return Frame(inner.text, lambda text: data if text is None else pack(inner.out(text)))

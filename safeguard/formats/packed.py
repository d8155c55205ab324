"""Messages that come packed: each by itself, or all of a connection as one stream. Undone in bounded steps, and packed again. Pure.

A page unpacks by what its own address asked for, the server's consent plays no part: to strike that from the address would leave the page
with messages it cannot open. So a stream is unpacked here and goes out as a new stream of ours; a message of it left out leaves no gap.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import Protocol

import zstandard

from safeguard.errors import Unchecked
from safeguard.formats.encoding import ZSTD_FEED, ZSTD_WINDOW, decode

_ASKED = re.compile(r"[?&]compress=([\w-]+)")
_WHOLE = b"\0\0\xff\xff"
"""Ends what zlib has flushed, so that all of it can be unpacked."""
_LEVEL = 1


class Stream(Protocol):
    """One stream through all binary messages of a connection, from the server to us and from us to the page."""

    def unpack(self, data: bytes) -> bytes | None:
        """What one message holds; None where the rest of it is still to come. Raises Unchecked: nothing after it can be read."""
        ...

    def pack(self, data: bytes) -> bytes:
        """A message for the page."""
        ...


class ZlibStream:
    """`compress=zlib-stream`: one zlib stream, flushed behind each message, which may come in several."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._in = zlib.decompressobj()
        self._out = zlib.compressobj(_LEVEL)
        self._held = b""
        self._end = b""

    def unpack(self, data: bytes) -> bytes | None:
        """See Stream; so for the other methods."""
        try:
            self._held += self._in.decompress(data, self._limit + 1 - len(self._held))
        except zlib.error as e:
            raise Unchecked("a packed stream is broken") from e
        if len(self._held) > self._limit:
            raise Unchecked("a packed message is too large to be checked")
        if self._in.eof:
            raise Unchecked("a packed stream has ended")
        self._end = (self._end + data)[-len(_WHOLE) :]
        if self._end != _WHOLE:
            return None
        out, self._held = self._held, b""
        return out

    def pack(self, data: bytes) -> bytes:
        return self._out.compress(data) + self._out.flush(zlib.Z_SYNC_FLUSH)


class ZstdStream:
    """`compress=zstd-stream`: one zstd frame, of which each message is some whole blocks."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._in = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()
        self._out = zstandard.ZstdCompressor(level=_LEVEL).compressobj()

    def unpack(self, data: bytes) -> bytes:
        out = []
        size = 0
        try:
            for at in range(0, len(data), ZSTD_FEED):
                piece = self._in.decompress(data[at : at + ZSTD_FEED])
                size += len(piece)
                if size > self._limit:
                    raise Unchecked("a packed message is too large to be checked")
                out.append(piece)
        except zstandard.ZstdError as e:
            raise Unchecked("a packed stream is broken") from e
        if self._in.eof:
            raise Unchecked("a packed stream has ended")
        return b"".join(out)

    def pack(self, data: bytes) -> bytes:
        return self._out.compress(data) + self._out.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


_STREAMS: dict[str, Callable[[int], Stream]] = {"zlib-stream": ZlibStream, "zstd-stream": ZstdStream}


def stream_of(url: str, limit: int) -> Stream | None:
    """The stream that the address of a connection asks for."""
    m = _ASKED.search(url)
    made = _STREAMS.get(m[1]) if m else None
    return made(limit) if made else None


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, wbits=31)
    return packer.compress(data) + packer.flush()


def _zlib(data: bytes) -> bytes:
    return zlib.compress(data, _LEVEL)


def _zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL).compress(data)


Pack = Callable[[bytes], bytes]
_BY_ITSELF: tuple[tuple[re.Pattern[bytes], str, Pack], ...] = (
    (re.compile(rb"\x1f\x8b\x08"), "gzip", _gzip),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "zstd", _zstd),
    (re.compile(rb"\x78[\x01\x5e\x9c\xda]"), "deflate", _zlib),
)


def unpacked(data: bytes, limit: int) -> tuple[bytes, Pack] | None:
    """What a message packed by itself holds, and how to pack it again; None for what is not packed. Raises Unchecked where it is broken."""
    for magic, coding, pack in _BY_ITSELF:
        if magic.match(data):
            return decode(data, coding, limit), pack
    return None

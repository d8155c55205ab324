"""The server of the proxy benches as a process of its own: `python -m tests.bench.origin CERTIFICATE`."""

from __future__ import annotations

import asyncio
import itertools
import ssl
import sys

from tests.bench import feeds, texts

FILM = 50 * 2**20
STEP = bytes(256 * 1024)
VARIANTS = 8
"""Bodies under one address, told in turn and each time with another number in every post: a filter must not shine by remembering them."""
BODIES = {
    "/2kB": ("application/json", lambda seed: feeds.feed(2000, seed)),
    "/100kB": ("application/json", lambda seed: feeds.feed(100_000, seed)),
    "/1MB": ("application/json", lambda seed: feeds.feed(2**20, seed)),
    "/page": ("text/html; charset=utf-8", lambda seed: texts.page(500_000, seed)),
}


def answer(kind: str, body: bytes) -> bytes:
    """The whole answer."""
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


NUMBERS = itertools.count(int(texts.MARK))
ANSWERS = {path: itertools.cycle([answer(kind, make(seed)) for seed in range(VARIANTS)]) for path, (kind, make) in BODIES.items()}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection."""
    try:
        while True:
            path = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode()
            if path == "/film":
                writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: {FILM}\r\n\r\n".encode())
                for _ in range(FILM // len(STEP)):
                    writer.write(STEP)
                    await writer.drain()
            else:
                writer.write(next(ANSWERS[path]).replace(texts.MARK.encode(), str(next(NUMBERS)).encode()))
                await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        writer.close()


async def main(certificate: str) -> None:
    """Serve until standard input ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context, limit=2**20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

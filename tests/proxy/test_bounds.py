"""Bombs and films through the proxy as a process of its own: its memory stays small and other answers go on."""

from __future__ import annotations

import asyncio
import gzip
import io
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from tests.proxy.rig import HOST, Pki, Reply, Server, Tunnel, send
from tests.proxy.test_servers import deflated, frame, says

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc"),
]

SIZE = 2**31
STEP = bytes(2**20)
MB = 2**20
FILM = 300 * MB
RISE = 100 * MB
WHOLE = 120 * MB
SMALL = b"<!doctype html><p>good morning"


def br() -> bytes:
    packer = brotli.Compressor(quality=9, lgwin=24)
    return b"".join(packer.process(STEP) for _ in range(SIZE // len(STEP))) + packer.finish()


def zstd() -> bytes:
    out = io.BytesIO()
    with zstandard.ZstdCompressor(level=3).stream_writer(out, closefd=False) as packer:
        for _ in range(SIZE // len(STEP)):
            packer.write(STEP)
    return out.getvalue()


def zipped() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(STEP) for _ in range(SIZE // len(STEP))) + packer.flush()


PACKERS = {"br": br, "zstd": zstd, "gzip": zipped}
LARGEST = {"br": 10_000, "zstd": 100_000, "gzip": 2_200_000, "gzip in gzip": 20_000}


@pytest.fixture(scope="session")
def bombs(request: pytest.FixtureRequest) -> dict[str, bytes]:
    """2 GiB each once unpacked, made piece by piece, kept from run to run."""
    made: dict[str, bytes] = {}
    folder = request.config.cache.mkdir("bombs") if request.config.cache is not None else None
    for name, pack in PACKERS.items():
        kept = folder / name if folder is not None else None
        made[name] = kept.read_bytes() if kept is not None and kept.exists() else pack()
        if kept is not None and not kept.exists():
            kept.write_bytes(made[name])
    made["gzip in gzip"] = gzip.compress(made["gzip"], 9)
    return made


def memory(process: int, what: str = "VmHWM") -> int:
    """Bytes: VmHWM the most it ever had, VmRSS what it has."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) * 1024


@dataclass
class Child:
    """The proxy in its own process, in front of a server of the test's."""

    process: subprocess.Popen[str]
    port: int
    server: Server
    root: bytes

    def tunnel(self) -> Tunnel:
        return Tunnel(self.port, HOST, self.server.port, self.root)

    def reset(self) -> int:
        """Have the system count the highest memory anew; what it is now, bytes."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        return memory(self.process.pid)


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    pki = Pki()
    (tmp_path / "roots.pem").write_bytes(pki.pem)
    server = Server(pki.context(tmp_path, [HOST], alpn=("http/1.1",)), {"/small": Reply(SMALL)})
    command = [sys.executable, "-m", "tests.proxy.child", str(tmp_path), str(server.port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield Child(process, port, server, (tmp_path / "authority.pem").read_bytes())
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)
    server.close()


class Beside:
    """Small requests again and again while something large is going on; the slowest of them, in seconds."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._stop = threading.Event()
        self.times: list[float] = []
        self._thread = threading.Thread(target=self._work, daemon=True)

    def _work(self) -> None:
        with self._child.tunnel() as t:
            while not self._stop.is_set():
                began = time.monotonic()
                assert t.get("/small").body == SMALL
                self.times.append(time.monotonic() - began)

    def __enter__(self) -> Beside:
        self._thread.start()
        while not self.times:
            time.sleep(0.001)
        return self

    def __exit__(self, *rest: object) -> None:
        self._stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()


@pytest.mark.parametrize("name", LARGEST)
def test_a_bomb_of_2_gib(child: Child, bombs: dict[str, bytes], name: str) -> None:
    bomb = bombs[name]
    assert len(bomb) <= LARGEST[name]
    coding = "gzip, gzip" if name == "gzip in gzip" else name
    child.server.routes["/bomb"] = Reply(bomb, headers=(("Content-Encoding", coding),))
    with child.tunnel() as t:
        t.get("/small")
        before = child.reset()
        with Beside(child) as beside:
            began = time.monotonic()
            got = t.get("/bomb", Sec_Fetch_Dest="document")
            took = time.monotonic() - began
    assert got.status == 403
    assert "over 32 MiB" in got.text
    assert memory(child.process.pid) - before < RISE
    assert took < 5  # half a second on a quiet computer
    assert max(beside.times) < 2.5


SOCKETS: dict[str, Any] = {
    "compressed, told": (lambda: iter([frame(deflated(bytes(2**28)), reserved=64)]), "permessage-deflate"),
    "compressed, not told": (lambda: iter([frame(deflated(bytes(2**28)), reserved=64)]), ""),
    "one large frame": (lambda: iter([b"\x81\x7f" + SIZE.to_bytes(8), *[STEP] * 64]), ""),
    "small frames": (lambda: iter([frame(b"x", end=False), *[frame(b"x" * 50000, 0, end=False)] * 1400]), ""),
}


@pytest.mark.parametrize(("pieces", "extension"), SOCKETS.values(), ids=SOCKETS.keys())
def test_a_websocket_bomb(child: Child, pieces: Any, extension: str) -> None:
    child.server.routes["/ws"] = says(pieces(), extension)
    asks = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x" * 22 + "==", "Sec-WebSocket-Version": "13"}
    with child.tunnel() as t:
        before = child.reset()
        with Beside(child) as beside:
            t.send("/ws", **asks)
            status = t.answer().status if extension else t.head()[0]
            if not extension:
                t.read()
    assert status == (403 if extension else 101)
    assert memory(child.process.pid) - before < RISE
    assert max(beside.times) < 2.5


@pytest.mark.parametrize("path", ["/ws", "/ws?compress=zlib-stream", "/ws?compress=zstd-stream"])
def test_a_bomb_in_a_message(child: Child, path: str) -> None:
    """A message packed by itself is left out; a stream is ended, since what comes after cannot be read."""
    bomb = zstandard.ZstdCompressor().compress(bytes(2**28)) if "zstd" in path else zlib.compress(bytes(2**28), 9)
    child.server.routes[path] = says(iter([frame(bomb, 2), frame(b"end")]))
    asks = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x" * 22 + "==", "Sec-WebSocket-Version": "13"}
    with child.tunnel() as t:
        before = child.reset()
        with Beside(child) as beside:
            t.send(path, **asks)
            assert t.head()[0] == 101
            got = t.read(5) if path == "/ws" else t.read()
    assert got == frame(b"end") if path == "/ws" else got[:1] == b"\x88"
    assert memory(child.process.pid) - before < RISE
    assert max(beside.times) < 2.5


def test_a_film_of_300_mb_streams(child: Child) -> None:
    """Its first bytes come before the server has sent the rest, and it never lies in memory."""
    rest = asyncio.Event()

    async def film(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: {FILM}\r\n\r\n"
        writer.write(head.encode() + b"\0\0\0\x18ftypmp42" + bytes(100))
        await writer.drain()
        await rest.wait()
        left = FILM - 112
        while left:
            await send(writer, STEP[:left])
            left -= min(left, len(STEP))

    child.server.routes["/film"] = film
    for dest in ("video", "empty"):
        with child.tunnel() as t, Beside(child) as beside:
            t.send("/film", Sec_Fetch_Dest=dest)
            assert t.head()[0] == 200
            assert len(t.read(112)) == 112  # the server waits for us
            child.server._loop.call_soon_threadsafe(rest.set)
            assert t.socket is not None
            left = FILM - 112
            while left and (more := t.socket.recv(MB)):
                left -= len(more)
        assert left == 0
        assert max(beside.times) < 2.5
    assert memory(child.process.pid) < WHOLE

"""Servers that say less, more or other than expected: 103, GOAWAY, an end in mid-body, parts, messages without end; browsing goes on."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import struct
import time
import zlib
from collections.abc import Iterator
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.settings
import pytest

from safeguard.pipeline import MessageFilter, Outcome
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.rig import HOST, Live, Reply, Socket, Tunnel, send

PAGE = f"<!doctype html><p>good morning</p><p>you {BAD}</p>".encode()
CLEAN = b"<!doctype html><p>good morning"


def http(body: bytes, *headers: str) -> bytes:
    return "\r\n".join(("HTTP/1.1 200 OK", *headers)).encode() + b"\r\n\r\n" + body


HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"


@pytest.mark.parametrize("before", [HINTS, HINTS * 3, b"HTTP/1.1 100 Continue\r\n\r\n" + HINTS], ids=["one", "three", "with 100"])
def test_early_hints_are_skipped(net_of: Start, before: bytes) -> None:
    net = net_of({"/": before + Reply(PAGE).raw(), "/after": Reply(CLEAN)})
    with net.tunnel() as t:
        got = t.get("/")
        assert got.status == 200
        assert "good morning" in got.text
        assert BAD not in got.text
    with net.tunnel() as t:
        assert t.get("/after").body == CLEAN


def test_early_hints_that_come_in_pieces(net_of: Start) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        for byte in HINTS + Reply(CLEAN).raw()[:40]:
            await send(writer, bytes([byte]))
        writer.write(Reply(CLEAN).raw()[40:])
        await writer.drain()

    with net_of({"/": slow}).tunnel() as t:
        assert t.get("/").body == CLEAN


def test_a_head_without_end_is_cut(net_of: Start) -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            await send(writer, b"X-More: " + b"x" * 60000 + b"\r\n")

    net = net_of({"/": endless, "/after": Reply(CLEAN)})
    with net.tunnel() as t:
        assert t.get("/").status == 502
    with net.tunnel() as t:
        assert t.get("/after").body == CLEAN


def test_an_upstream_that_dies_in_mid_film_ends_that_answer_alone(net_of: Start) -> None:
    film = http(bytes(5000), "Content-Type: video/mp4", "Content-Length: 9999")
    net = net_of({"/film": film, "/page": http(PAGE[:40], "Content-Type: text/html", "Content-Length: 999"), "/": Reply(CLEAN)})
    with net.tunnel() as other:
        assert other.get("/").body == CLEAN
        with net.tunnel() as t:
            t.send("/film", Sec_Fetch_Dest="video")
            assert t.head()[0] == 200
            assert len(t.read(9999)) <= 5000
        with net.tunnel() as t:
            assert t.get("/page").status == 502
        assert other.get("/").body == CLEAN


@pytest.mark.parametrize(
    ("method", "leaves", "status", "asked"),
    [("GET", 1, 200, 2), ("HEAD", 1, 200, 2), ("POST", 1, 502, 1), ("GET", 9, 502, 2)],
    ids=["asked again", "a head too", "never where it may change something", "once"],
)
def test_a_server_that_leaves_an_idle_connection_as_we_ask_on_it(net_of: Start, method: str, leaves: int, status: int, asked: int) -> None:
    """Node does after five seconds, and the request is on its way: the page would miss what it asked for."""
    came = 0

    async def leaving(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        nonlocal came
        came += 1
        if came > leaves:
            raw = Reply(PAGE).raw()
            writer.write(raw if method == "GET" else raw[: raw.index(b"\r\n\r\n") + 4])
            await writer.drain()

    net = net_of({"/": Reply(CLEAN), "/poll": leaving})
    with net.tunnel() as t:
        assert t.get("/").body == CLEAN
        got = t.get("/poll", method)
        assert (got.status, came) == (status, asked)
        assert BAD not in got.text
        assert ("good morning" in got.text) == (method == "GET" and status == 200)


def test_a_server_that_never_answered_is_not_asked_again(net_of: Start) -> None:
    net = net_of({"/": b""})
    with net.tunnel() as t:
        assert t.get("/").status == 502
    assert [path for path, _ in net.server.seen] == ["/"]


def test_parts_of_a_film_pass_and_parts_of_a_text_do_not(net_of: Start) -> None:
    part = ("Content-Range", "bytes 10-109/9999")
    net = net_of(
        {
            "/film": Reply(bytes(100), "video/mp4", 206, (part,)),
            "/page": Reply(PAGE, "text/html", 206, (part,)),
            "/none": Reply(b"", "video/mp4", 416, (("Content-Range", "bytes */9999"),)),
        }
    )
    with net.tunnel() as t:
        got = t.get("/film", Range="bytes=10-109", Sec_Fetch_Dest="video")
        assert (got.status, got.body, got.headers["content-range"]) == (206, bytes(100), part[1])
        assert net.server.headers("/film")["range"] == "bytes=10-109"
        assert t.get("/page", Range="bytes=10-109").status == 403
        assert t.get("/none", Range="bytes=99999-", Sec_Fetch_Dest="video").status == 416


def frame(data: bytes, opcode: int = 1, end: bool = True, reserved: int = 0) -> bytes:
    """A WebSocket frame as servers send them."""
    size = struct.pack(">BH", 126, len(data)) if 125 < len(data) < 65536 else b""
    size = size or (bytes([len(data)]) if len(data) < 126 else struct.pack(">BQ", 127, len(data)))
    return bytes([(128 if end else 0) | reserved | opcode]) + size + data


def says(pieces: Iterator[bytes], extension: str = "") -> Live:
    """A route that accepts a WebSocket and sends these raw bytes."""

    async def live(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        key = headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        told = f"{accept}\r\nSec-WebSocket-Extensions: {extension}" if extension else accept
        writer.write(f"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {told}\r\n\r\n".encode())
        for piece in pieces:
            await send(writer, piece)
        await reader.read()

    return live


def deflated(data: bytes) -> bytes:
    worker = zlib.compressobj(wbits=-15)
    return (worker.compress(data) + worker.flush(zlib.Z_SYNC_FLUSH))[:-4]


def unending() -> Iterator[bytes]:
    yield frame(b"x" * 60000, end=False)
    while True:
        yield frame(b"x" * 60000, 0, end=False)


TOO_MUCH = {
    "one frame": lambda: iter([frame(b"x" * 2**21)]),
    "a frame that says 2 GiB": lambda: iter([bytes([129, 127]) + struct.pack(">Q", 2**31), *[b"x" * 65536] * 40]),
    "frames without end": unending,
    "compressed, which nobody asked for": lambda: iter([frame(deflated(bytes(2**24)), reserved=64)]),
}


@pytest.mark.parametrize("pieces", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_a_message_too_large_ends_its_connection_alone(net_of: Start, pieces: Any) -> None:
    net = net_of({"/ws": says(pieces()), "/": Reply(CLEAN)})
    with net.tunnel() as t:
        Socket(t, "/ws")
        assert b"xxx" not in t.read()
    with net.tunnel() as t:
        assert t.get("/").body == CLEAN


def test_an_extension_nobody_asked_for_is_refused_before_any_message(net_of: Start) -> None:
    net = net_of({"/ws": says(iter([frame(deflated(bytes(2**24)), reserved=64)]), "permessage-deflate")})
    asks = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x" * 22 + "==", "Sec-WebSocket-Version": "13"}
    with net.tunnel() as t:
        assert t.get("/ws", **asks).status == 403
    assert "extension" in net.reasons()


def test_a_message_in_many_frames_is_read_whole(net_of: Start) -> None:
    text = f'{{"text": "you {BAD}"}}'
    one_by_one = [frame(c.encode(), 1 if n == 0 else 0, n == len(text) - 1) for n, c in enumerate(text)]
    harmless = "ä" * 3000
    data = harmless.encode()
    cut = [frame(data[i : i + 7], 1 if i == 0 else 0, i + 7 >= len(data)) for i in range(0, len(data), 7)]
    net = net_of({"/ws": says(iter([*one_by_one, *cut, frame(b"end")]))})
    with net.tunnel() as t:
        first, second, last = Socket(t, "/ws").messages(3)
    assert BAD not in str(first)
    assert "SafeGuard" in str(first)
    assert second == harmless
    assert last == "end"


def test_what_is_said_while_a_message_is_checked_waits_in_bounds(net_of: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    net = net_of({"/ws": says(iter([frame(b"y" * 40000), *[frame(b"x" * 60000)] * 400])), "/": Reply(CLEAN)})
    assert net.pipeline is not None
    check = MessageFilter.check

    def slow(self: MessageFilter, message: str | bytes) -> Outcome | None:
        end = time.monotonic() + 30
        while "too large" not in net.reasons() and time.monotonic() < end:
            time.sleep(0.01)  # in a thread of its own, as long as the proxy reads on
        return check(self, message)

    monkeypatch.setattr(MessageFilter, "check", slow)
    with net.tunnel() as t:
        Socket(t, "/ws")
        assert b"xxx" not in t.read()
    assert "too large" in net.reasons()


class Two:
    """An HTTP/2 browser behind the proxy, by hand."""

    def __init__(self, net: Net, window: int = 65535) -> None:
        assert net.proxy is not None
        self.tunnel = Tunnel(net.proxy.port, HOST, net.server.port, net.authority.root_pem, alpn=("h2",))
        assert self.tunnel.socket is not None
        self.socket = self.tunnel.socket
        self.conn = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.conn.local_settings.initial_window_size = window
        self.conn.initiate_connection()
        self.conn.increment_flow_control_window(2**20)  # of the connection: other streams go on when one is not taken
        self.bodies: dict[int, bytearray] = {}
        self.status: dict[int, str] = {}
        self.ended: set[int] = set()
        self.flush()

    def flush(self) -> None:
        self.socket.sendall(self.conn.data_to_send())

    def ask(self, path: str, dest: str = "empty") -> int:
        stream = self.conn.get_next_available_stream_id()
        head = [(":method", "GET"), (":scheme", "https"), (":authority", f"{HOST}:{self.tunnel.port}"), (":path", path)]
        self.conn.send_headers(stream, [*head, ("sec-fetch-dest", dest)], end_stream=True)
        self.flush()
        return stream

    def step(self, take: bool = True) -> None:
        for event in self.conn.receive_data(self.socket.recv(2**20)):
            match event:
                case h2.events.ResponseReceived():
                    self.status[event.stream_id] = dict(event.headers)[":status"]
                case h2.events.DataReceived():
                    self.bodies.setdefault(event.stream_id, bytearray()).extend(event.data)
                    if take:
                        self.conn.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case h2.events.StreamEnded() | h2.events.StreamReset():
                    self.ended.add(event.stream_id)
        self.flush()

    def answer(self, stream: int) -> tuple[str, bytes]:
        while stream not in self.ended:
            self.step()
        return self.status[stream], bytes(self.bodies.get(stream, b""))

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def two(net_of: Start, request: pytest.FixtureRequest) -> Any:
    def start(net: Net, **rest: Any) -> Two:
        made = Two(net, **rest)
        request.addfinalizer(made.close)
        return made

    return start


def test_an_http2_server_that_says_goodbye(net_of: Start, two: Any) -> None:
    """GOAWAY while an answer is under way: it comes whole, the next request goes over a new connection."""
    net = net_of({"/": Reply(CLEAN), "/long": Reply(b"<p>good morning</p>" * 4000)}, limit=2**22, h2=True)
    net.server.goodbye_at = "/long"
    browser = two(net)
    assert browser.answer(browser.ask("/")) == ("200", CLEAN)
    assert browser.answer(browser.ask("/long")) == ("200", b"<p>good morning</p>" * 4000)
    assert browser.answer(browser.ask("/")) == ("200", CLEAN)
    assert net.server.connections == 2


@pytest.mark.parametrize("second", [True, False], ids=["HTTP/2", "HTTP/1"])
def test_a_film_nobody_takes_is_not_read_ahead_and_holds_nothing_up(net_of: Start, two: Any, second: bool) -> None:
    """The browser pauses one HTTP/2 stream: the server of the film is made to wait, other answers on the same connection are not."""
    size = 64 * 2**20
    sent = [0]

    async def by_hand(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        writer.write(http(b"", "Content-Type: video/mp4", f"Content-Length: {size}"))
        while sent[0] < size:
            await send(writer, bytes(65536))
            sent[0] += 65536

    film = Reply(bytes(size), "video/mp4") if second else by_hand
    net = net_of({"/": Reply(CLEAN), "/film": film}, h2=second)
    browser = two(net)
    playing = browser.ask("/film", "video")
    while len(browser.bodies.get(playing, b"")) < 65535:
        browser.step(take=False)
    for _ in range(5):
        stream = browser.ask("/")
        while stream not in browser.ended:
            browser.step(take=False)
    assert max(net.server.sent, sent[0]) < 24 * 2**20
    browser.conn.acknowledge_received_data(65535, playing)
    browser.conn.increment_flow_control_window(2**30)
    browser.conn.increment_flow_control_window(2**30, playing)
    browser.flush()
    assert len(browser.answer(playing)[1]) == size

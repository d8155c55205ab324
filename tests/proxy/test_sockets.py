"""Live connections through the real proxy: real WebSockets with messages in every framing, long polling, answers in parts."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import zstandard

from safeguard.formats.sites.model import OnError, Opaque
from safeguard.pipeline import Exchange, Outcome, Pipeline
from tests.formats.test_etf import term
from tests.formats.test_multipart import TYPE, bodies, deferred
from tests.formats.test_payloads import opened, packed, payload, unpacked
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.rig import Reply, Socket, send, websocket
from tests.proxy.test_servers import Two, http

CONNECT = b"\x10\x25\0\x04MQTT\x04\x02\0\x3c" + bytes(27)
CONNACK = b"\x20\x02\0\0"
UNKNOWN = b"\x01\x00\xfe\x80 abc"
GATEWAY = "/?encoding=json&v=9"


def event(text: str) -> str:
    return json.dumps({"t": "MESSAGE_CREATE", "d": {"content": text, "id": 1}})


FRAMES = {
    "JSON": event("%s"),
    "socket.io": '42["event:new_post",{"posts":[{"content":"<p>%s</p>"},{"content":"fine"}]}]',
    "socket.io's ack": '431[null,{"posts":[{"content":"<p>%s</p>"},{"content":"fine"}]}]',
    "XMPP": "<message xmlns='jabber:client' from='r@b/ann' type='groupchat'><body>%s</body></message>",
    "IRC": "PING :irc\r\n@display-name=Ann;id=1 :ann!a@irc PRIVMSG #r :%s\r\n:bob!b@irc PRIVMSG #r :fine\r\n",
    "SignalR": '{"type":6}\x1e{"type":1,"arguments":["%s"]}\x1e',
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
def test_the_text_of_a_frame_goes_and_all_else_stays(net_of: Start, frame: str) -> None:
    said = [frame.replace("%s", f"you {BAD} 😀"), frame.replace("%s", "good morning 😀")]
    with net_of({"/ws": websocket(list(said))}).tunnel() as t:
        first, second = Socket(t, "/ws").messages(2)
    head, tail = frame.split("%s")
    assert isinstance(first, str)
    assert BAD not in first
    assert first.startswith(head)
    assert first.endswith(tail)
    assert second == said[1]


def zlib_stream() -> tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]:
    packer = zlib.compressobj()
    return lambda data: packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH), zlib.decompressobj().decompress


def zstd_stream() -> tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]:
    packer = zstandard.ZstdCompressor().compressobj()
    return (
        lambda data: packer.compress(data) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK),
        zstandard.ZstdDecompressor().decompressobj().decompress,
    )


STREAMS = pytest.mark.parametrize(("name", "made"), [("zlib-stream", zlib_stream), ("zstd-stream", zstd_stream)])


@STREAMS
@pytest.mark.parametrize("etf", [False, True], ids=["json", "etf"])
def test_a_packed_gateway(net_of: Start, name: str, made: Callable[[], tuple[Callable[[bytes], bytes], ...]], etf: bool) -> None:
    texts = ["good morning", f"you {BAD}", "long " * 20000, "end"]
    pack, _ = made()
    _, unpack = made()
    path = f"/?encoding={'etf' if etf else 'json'}&v=9&compress={name}"
    said = [pack(term(json.loads(event(text))) if etf else event(text).encode()) for text in texts]
    net = net_of({path: websocket(list(said))})
    with net.tunnel() as t:
        got = [unpack(m) for m in Socket(t, path).messages(4) if isinstance(m, bytes)]
    assert [g == (term(json.loads(event(text))) if etf else event(text).encode()) for g, text in zip(got, texts, strict=True)] == [
        True,
        False,
        True,
        True,
    ]
    assert not any(BAD.encode() in g for g in got)
    assert net.server.seen[-1][0] == path  # the address stays as the page asked for it
    assert not net.reasons()


@STREAMS
def test_a_packed_stream_that_breaks_is_ended(net_of: Start, name: str, made: Callable[[], tuple[Callable[[bytes], bytes], ...]]) -> None:
    pack, unpack = made()
    path = f"{GATEWAY}&compress={name}"
    net = net_of({path: websocket([pack(event("good morning").encode()), b"\xff broken", event(BAD)])}, on_error=OnError.PASS_LISTED)
    with net.tunnel() as t:
        s = Socket(t, path)
        (first,) = s.messages(1)
        assert s.closed() == 1008
    assert isinstance(first, bytes)
    assert unpack(first).decode() == event("good morning")
    assert "broken" in net.reasons()


@pytest.mark.parametrize("on_error", OnError)
def test_a_message_that_cannot_be_read(net_of: Start, on_error: OnError) -> None:
    net = net_of({"/ws": websocket([event("good morning"), UNKNOWN, UNKNOWN, event("end")])}, on_error=on_error)
    with net.tunnel() as t:
        s = Socket(t, "/ws")
        assert s.messages(1) == [event("good morning")]
        if on_error is OnError.CLOSE:
            assert s.closed() == 1008
        elif on_error is OnError.BLOCK:
            assert s.messages(1) == [event("end")]
        else:
            assert s.messages(3) == [UNKNOWN, UNKNOWN, event("end")]
    told = [i for i in net.incidents if i.kind == "unchecked"]
    assert [i.action for i in told] == ["log" if on_error is OnError.PASS_LISTED else "block"]


def test_an_error_of_our_own_passes_nothing_whatever_the_profile_says(net_of: Start) -> None:
    net = net_of({"/ws": websocket([event("boom secret"), "end"])}, on_error=OnError.PASS_LISTED)
    with net.tunnel() as t:
        assert Socket(t, "/ws").messages(1) == ["end"]
    assert "internal error" in net.reasons()


@pytest.mark.parametrize("opaque", [Opaque.BLOCK, Opaque.DOM_GUARD])
def test_mqtt_goes_by_the_profile(net_of: Start, opaque: Opaque) -> None:
    said = b"\x30\x08\0\x02/t\xff\0\x01\x02"
    net = net_of({"/chat": websocket([CONNACK, said, "end"], asked=True)}, opaque=opaque)
    with net.tunnel() as t:
        s = Socket(t, "/chat")
        s.send(CONNECT)
        assert s.messages(1 if opaque is Opaque.BLOCK else 3)[-1] == "end"
        s.send("hello")
        assert s.messages(1) == ["heard hello"]
    assert ("MQTT" in net.reasons()) is (opaque is Opaque.BLOCK)


def test_long_polling(net_of: Start) -> None:
    frames = ('42["post",{"text":"good 😀 morning"}]', f'42["post",{{"text":"you {BAD} 😀"}}]', "2")
    net = net_of(
        {
            "/text": Reply(payload(*frames).encode(), "text/plain; charset=UTF-8"),
            "/bytes": Reply(packed(*frames), "application/octet-stream"),
            "/four": Reply("\x1e".join(frames).encode(), "text/plain; charset=UTF-8"),
        }
    )
    with net.tunnel() as t:
        for path, read in (
            ("/text", opened),
            ("/bytes", lambda text: [f.decode() for f in unpacked(text.encode("utf-8", "surrogateescape"))]),
            ("/four", lambda text: text.split("\x1e")),
        ):
            answer = t.get(path, Sec_Fetch_Dest="empty")
            assert answer.status == 200
            got = read(answer.body.decode("utf-8", "surrogateescape"))
            assert BAD.encode() not in answer.body
            assert (got[0], got[2]) == (frames[0], frames[2])
            assert re.match(r'42\["post",\{"text":".+"\}\]\Z', got[1])


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
def test_answers_in_parts_come_part_by_part(net_of: Start, gzip: bool) -> None:
    step = asyncio.Event()
    zipper = zlib.compressobj(wbits=31)
    whole = deferred("good morning", f"you {BAD}")
    cut = whole.index(b"---", 10) + 3

    def out(data: bytes) -> bytes:
        return zipper.compress(data) + zipper.flush(zlib.Z_SYNC_FLUSH) if gzip else data

    async def live(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        writer.write(http(out(whole[:cut]), f"Content-Type: {TYPE}", "Connection: close", *(["Content-Encoding: gzip"] if gzip else [])))
        await writer.drain()
        await step.wait()
        writer.write(out(whole[cut:]))
        await writer.drain()

    net = net_of({"/graphql": live})
    with net.tunnel() as t:
        t.send("/graphql", Accept="multipart/mixed; deferSpec=20220824, application/json", Sec_Fetch_Dest="empty")
        assert t.head()[0] == 200
        first = t.chunk()  # the second is not even sent yet
        assert first == whole[:cut]
        net.server._loop.call_soon_threadsafe(step.set)
        rest = first
        while more := t.chunk():
            rest += more
    assert BAD.encode() not in rest
    got, was = bodies(rest), bodies(whole)
    assert (got[:2], got[3:]) == (was[:2], was[3:])


class Slow:
    """Holds up the check of every large part until it is let go; where are the threads in which parts were checked."""

    def __init__(self, net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.where: dict[str, str] = {}
        check = Pipeline.check_whole

        def slow(pipeline: Pipeline, exchange: Exchange, kind: Any, raw: bytes) -> Outcome:
            self.where["large" if len(raw) > 50_000 else "small"] = threading.current_thread().name
            if len(raw) > 50_000:
                self.begun.set()
                assert self.go.wait(60)
            return check(pipeline, exchange, kind, raw)

        monkeypatch.setattr(Pipeline, "check_whole", slow)


def test_a_large_part_is_judged_beside_the_event_loop(net_of: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another answer goes out meanwhile; the parts keep their order, and nothing of them goes out unread."""
    step = asyncio.Event()
    whole = deferred("good morning", f"you {BAD} " + "and more " * 20_000, f"also {BAD}", "fine")

    async def live(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        writer.write(http(whole[:200], f"Content-Type: {TYPE}", "Connection: close"))
        await writer.drain()
        await step.wait()
        await send(writer, whole[200:])

    net = net_of({"/graphql": live, "/": Reply(b"<p>good evening</p>")})
    slow = Slow(net, monkeypatch)
    with net.tunnel() as t, net.tunnel() as other:
        t.send("/graphql", Accept="multipart/mixed; deferSpec=20220824, application/json", Sec_Fetch_Dest="empty")
        assert t.head()[0] == 200
        got = t.chunk()
        net.server._loop.call_soon_threadsafe(step.set)
        assert slow.begun.wait(60)
        assert other.get("/", Sec_Fetch_Dest="document").body == b"<p>good evening</p>"
        slow.go.set()
        while more := t.chunk():
            got += more
    assert BAD.encode() not in got
    assert [len(b) for b in bodies(got)[4:]] == [len(b) for b in bodies(whole)[4:]]
    assert len(bodies(got)) == len(bodies(whole))
    assert slow.where["small"] == "safeguard-proxy"
    assert slow.where["large"] != "safeguard-proxy"


@pytest.mark.parametrize("second", [True, False], ids=["HTTP/2", "HTTP/1"])
def test_while_a_large_part_is_judged_the_server_is_not_read_ahead(net_of: Start, monkeypatch: pytest.MonkeyPatch, second: bool) -> None:
    large, small = (json.dumps({"data": [1] * n}) for n in (30_000, 13_000))
    count = 600  # 24 MB
    pieces = [f"--x\r\n\r\n{large}\r\n".encode(), *[f"--x\r\n\r\n{small}\r\n".encode()] * count, b"--x--\r\n"]
    kind = "multipart/mixed; boundary=x"
    sent = [0]

    async def by_hand(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        writer.write(http(b"", f"Content-Type: {kind}", "Connection: close"))
        for piece in pieces:
            await send(writer, piece)
            sent[0] += len(piece)

    net = net_of({"/graphql": Reply(b"".join(pieces), kind) if second else by_hand}, h2=second)
    slow = Slow(net, monkeypatch)
    browser = Two(net)
    try:
        stream = browser.ask("/graphql")
        assert slow.begun.wait(60)
        before = -1
        while before != (before := max(net.server.sent, sent[0])):  # until it stands still
            time.sleep(0.5)
        assert 0 < before < 16 * 2**20
        slow.go.set()
        assert browser.answer(stream) == ("200", b"".join(pieces))
    finally:
        slow.go.set()
        browser.close()

"""What goes through the real proxy, and what does not: one sentence of the promise a test."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from safeguard.formats.sites.model import Healthy, Opaque, Sites
from safeguard.system.health import SiteHealth
from safeguard.system.server_clock import ServerClock, noted
from tests.proxy.conftest import BAD, Start
from tests.proxy.rig import Reply, Socket, websocket

PAGE = f"<!doctype html><html lang=en><p>good morning</p><p>you {BAD}</p>"
CLEAN = b"<!doctype html><p>good  morning</p >\n"


GZIP = "Content-Encoding: gzip"


def http(body: bytes, *headers: str) -> bytes:
    return "\r\n".join(("HTTP/1.1 200 OK", *headers)).encode() + b"\r\n\r\n" + body


def test_a_page_is_edited(net_of: Start) -> None:
    net = net_of({"/": Reply(PAGE.encode(), headers=(("ETag", '"1"'), ("Digest", "x"), ("Alt-Svc", "h3"), ("X-Own", "y")))})
    with net.tunnel() as t:
        got = t.get("/")
    assert got.status == 200
    assert BAD not in got.text
    assert "good morning" in got.text
    assert net.incidents[0].code in got.text
    assert {"etag", "digest", "alt-svc"}.isdisjoint(got.headers)
    assert got.headers["x-own"] == "y"
    assert got.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("what", ["text/html", "image/png", "text/event-stream", "font/woff2"])
def test_no_answer_of_a_watched_host_names_a_way_round_the_proxy(net_of: Start, what: str) -> None:
    told = (("Alt-Svc", 'h3=":443"; ma=86400'), ("alt-svc", 'h2="elsewhere.test:443"'), ("X-Own", "y"))
    net = net_of({"/": Reply(b"data: hello\n\n", what, headers=told), "/none": Reply(b"", status=204, headers=told)})
    for path in ("/", "/none"):
        with net.tunnel() as t:
            got = t.get(path)
        assert got.headers["x-own"] == "y"
        assert "alt-svc" not in got.headers


def test_a_harmless_body_stays_byte_for_byte(net_of: Start) -> None:
    packed = gzip.compress(CLEAN)
    net = net_of({"/": Reply(packed, headers=(("Content-Encoding", "gzip"), ("ETag", '"1"'), ("Cache-Control", "max-age=9")))})
    with net.tunnel() as t:
        got = t.get("/")
    assert got.body == packed
    assert got.headers["etag"] == '"1"'
    assert got.headers["cache-control"] == "max-age=9"


def test_requests_change_in_the_named_headers_alone(net_of: Start) -> None:
    net = net_of({"/post": Reply(b"{}", "application/json")})
    with net.tunnel() as t:
        t.get("/post", "POST", b"what the child writes", Available_Dictionary=":x:", X_Own="y", Accept_Encoding="gzip, br, zstd")
    seen = net.server.headers("/post")
    assert seen["accept-encoding"] == "gzip"
    assert "available-dictionary" not in seen
    assert seen["x-own"] == "y"
    assert seen[":body"] == "what the child writes"
    assert seen["host"] == f"social.test:{net.server.port}"
    assert {"via", "x-forwarded-for", "forwarded"}.isdisjoint(seen)


GZIPPED = gzip.compress(PAGE.encode())
CASES = {
    "an exception in our code": http(b"<p>boom secret", "Content-Type: text/html", "Content-Length: 14"),
    "an unknown encoding": http(PAGE.encode(), "Content-Type: text/html", "Content-Encoding: rot13", "Connection: close"),
    "a lying encoding": http(PAGE.encode(), "Content-Type: text/html", GZIP, "Connection: close"),
    "two encodings, one lying": http(GZIPPED, "Content-Type: text/html", "Content-Encoding: gzip, br", "Connection: close"),
    "an unknown charset": http(PAGE.encode(), "Content-Type: text/html; charset=klingon", "Connection: close"),
    "cut-off gzip": http(GZIPPED[:-20], "Content-Type: text/html", GZIP, "Connection: close"),
    "a body shorter than told": http(PAGE.encode(), "Content-Type: text/html", f"Content-Length: {len(PAGE) + 5}"),
    "a broken chunk": http(b"5\r\n<p>se\r\nzz\r\n", "Content-Type: text/html", "Transfer-Encoding: chunked"),
    "a chunk cut off": http(b"ff\r\n<p>secret", "Content-Type: text/html", "Transfer-Encoding: chunked"),
    "chunks with trailers": http(b"9\r\n<p>secret\r\n0\r\nX-More: secret\r\n\r\n", "Content-Type: text/html", "Transfer-Encoding: chunked"),
    "two lengths": http(PAGE.encode(), "Content-Type: text/html", "Content-Length: 5", f"Content-Length: {len(PAGE)}"),
    "a length and chunks": http(b"0\r\n\r\n", "Content-Type: text/html", "Content-Length: 5", "Transfer-Encoding: chunked"),
    "told too large": http(b"<p>secret", "Content-Type: text/html", f"Content-Length: {2**21}"),
    "too large without telling": http(b"<p>secret" * 2**18, "Content-Type: text/html", "Connection: close"),
    "too large once unpacked": http(
        gzip.compress(b"secret" * 2**19), "Content-Type: text/html", "Content-Encoding: gzip", "Connection: close"
    ),
    "a part": b"HTTP/1.1 206 P\r\nContent-Type: text/html\r\nContent-Range: bytes 0-8/99\r\nContent-Length: 9\r\n\r\n<p>secret",
    "a part of a lie": b"HTTP/1.1 206 P\r\nContent-Type: text/html\r\nContent-Range: bytes 9-8/*\r\nContent-Length: 9\r\n\r\n<p>secret",
    "no answer at all": b"",
    "not HTTP": b"secret secret\r\n\r\n",
    "an unknown upgrade": b"HTTP/1.1 101 S\r\nUpgrade: secret\r\nConnection: Upgrade\r\n\r\nsecret",
    "a binary answer": http(b"secret", "Content-Type: application/x-protobuf", "Content-Length: 6"),
}


@pytest.mark.parametrize("raw", CASES.values(), ids=CASES.keys())
def test_what_cannot_be_checked_is_blocked_and_logged(net_of: Start, raw: bytes) -> None:
    net = net_of({"/": raw})
    with net.tunnel() as t:
        got = t.get("/", Sec_Fetch_Dest="document", Accept_Encoding="gzip")
    assert got.status in (403, 502)
    assert "SafeGuard" in got.text
    assert "secret" not in got.text
    assert BAD not in got.text
    assert [i.kind for i in net.incidents] == ["unchecked"]
    assert net.incidents[0].code in got.text
    assert got.headers["cache-control"] == "no-store"


def test_a_script_gets_an_answer_that_says_so(net_of: Start) -> None:
    net = net_of({"/": CASES["an unknown encoding"]})
    with net.tunnel() as t:
        got = t.get("/", Sec_Fetch_Dest="empty")
    assert got.headers["content-type"].startswith("application/json")
    assert "blocked by SafeGuard" in got.text


def test_the_connection_serves_on_after_a_blocked_answer(net_of: Start) -> None:
    net = net_of({"/bad": CASES["a binary answer"], "/": Reply(CLEAN)})
    with net.tunnel() as t:
        assert t.get("/bad").status == 403
        assert t.get("/").body == CLEAN
        assert t.get("/bad", "HEAD").status in (200, 403)
        assert t.get("/").body == CLEAN


def test_an_error_before_the_body_is_read_blocks_too(net_of: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    net = net_of({"/": Reply(PAGE.encode())})
    assert net.pipeline is not None
    monkeypatch.setattr(type(net.pipeline), "kind", lambda self, exchange: 1 // 0)
    with net.tunnel() as t:
        got = t.get("/")
    assert got.status == 403
    assert BAD not in got.text


def test_even_where_the_blocked_page_fails_the_original_stays_in(net_of: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    net = net_of({"/": Reply(PAGE.encode())})
    assert net.pipeline is not None
    for name in ("kind", "unchecked"):
        monkeypatch.setattr(type(net.pipeline), name, lambda self, *a: 1 // 0)
    with net.tunnel() as t:
        got = t.get("/")
    assert (got.status, got.body) == (403, b"")


def test_pictures_stream_before_they_are_whole(net_of: Start) -> None:
    rest = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        writer.write(http(b"\x89PNG first", "Content-Type: image/png", "Content-Length: 18"))
        await writer.drain()
        await rest.wait()
        writer.write(b" second")
        await writer.drain()

    net = net_of({"/p.png": slow}, limit=10)
    with net.tunnel() as t:
        t.send("/p.png", Sec_Fetch_Dest="image")
        t.head()
        assert t.read(10) == b"\x89PNG first"
        net.server._loop.call_soon_threadsafe(rest.set)
        assert t.read(7) == b" second"


FILM = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 20
SAID = f'{{"text": "you {BAD}", "more": "{"good morning " * 20}"}}'.encode()


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(("body", "streams"), [(FILM, True), (SAID, False)], ids=["film", "JSON"])
def test_what_a_script_fetches_as_a_film_streams_if_it_is_one(net_of: Start, body: bytes, streams: bool, packed: bool) -> None:
    """Told by what it begins with, as soon as that has come."""
    rest = asyncio.Event()
    packer = zlib.compressobj(wbits=31)
    first, last = packer.compress(body[:1000]) + packer.flush(zlib.Z_FULL_FLUSH), packer.compress(body[1000:]) + packer.flush()
    if not packed:
        first, last = body[:100], body[100:]
    head = ["Content-Type: video/mp4", f"Content-Length: {len(first + last)}"] + (["Content-Encoding: gzip"] if packed else [])

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        writer.write(http(first[:10], *head))
        await writer.drain()
        writer.write(first[10:])
        await writer.drain()
        await rest.wait()
        writer.write(last)
        await writer.drain()

    net = net_of({"/film": slow}, limit=2000)
    with net.tunnel() as t:
        t.send("/film", Sec_Fetch_Dest="empty")
        if not streams:
            net.server._loop.call_soon_threadsafe(rest.set)
        status, headers = t.head()
        if streams:
            assert t.read(len(first)) == first
            net.server._loop.call_soon_threadsafe(rest.set)
            assert t.read(len(last)) == last
        else:
            got = t.read(int(headers["content-length"]))
            assert b"good morning" in got
            assert BAD.encode() not in got
    assert status == 200


def test_a_short_part_of_a_film_passes_and_one_of_a_text_does_not(net_of: Start) -> None:
    part = b"HTTP/1.1 206 P\r\nContent-Type: video/mp4\r\nContent-Range: bytes 90-99/100\r\nContent-Length: 10\r\n\r\n"
    net = net_of({"/film": part + bytes(10), "/text": part + b"a text say"})
    with net.tunnel() as t:
        assert t.get("/film", Sec_Fetch_Dest="empty").body == bytes(10)
    with net.tunnel() as t:
        assert t.get("/text", Sec_Fetch_Dest="empty").status == 403


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_events_come_one_by_one(net_of: Start, packed: bool) -> None:
    step = asyncio.Event()
    zipper = zlib.compressobj(wbits=31)

    def out(data: bytes) -> bytes:
        return zipper.compress(data) + zipper.flush(zlib.Z_SYNC_FLUSH) if packed else data

    async def live(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        head = ["Content-Type: text/event-stream", "Connection: close"] + (["Content-Encoding: gzip"] if packed else [])
        writer.write(http(out(b"data: good morning\n\n"), *head))
        await writer.drain()
        await step.wait()
        writer.write(out(f'data: {{"text": "you {BAD}"}}\n'.encode()))
        writer.write(out(b"\n"))
        await writer.drain()

    net = net_of({"/events": live})
    with net.tunnel() as t:
        t.send("/events", Accept="text/event-stream")
        status, _ = t.head()
        assert status == 200
        assert t.chunk() == b"data: good morning\n\n"  # the second is not even sent yet
        net.server._loop.call_soon_threadsafe(step.set)
        second = t.chunk()
    assert BAD.encode() not in second
    assert second.endswith(b"\n\n")
    assert net.server.headers("/events")["accept-encoding"] == "identity"


def test_an_event_stream_that_fails_says_no_more(net_of: Start) -> None:
    events = b"data: one\n\ndata: boom secret\n\ndata: three\n\n"
    net = net_of({"/e": http(events[:11], "Content-Type: text/event-stream", "Connection: close") + events[11:]})
    with net.tunnel() as t:
        got = t.get("/e")
    assert b"secret" not in got.body
    assert b"three" not in got.body
    assert "internal error" in net.reasons()


def test_websocket_messages(net_of: Start) -> None:
    long = "ä" * 5000
    said: list[str | bytes] = [
        "good morning",
        f'{{"text": "you {BAD}"}}',
        f'{{"text": "{BAD}", "more": "{long}"}}',
        "boom secret",
        b"\x08\x01secret\xff",
        "end",
    ]
    net = net_of({"/ws": websocket(said)})
    with net.tunnel() as t:
        s = Socket(t, "/ws")
        first, second, third, last = s.messages(4)
        s.send(f"{BAD} is sent")
        heard = s.messages(1)
    assert first == "good morning"
    assert BAD not in str(second)
    assert BAD not in str(third)
    assert long in str(third)  # not mangled where it was cut
    assert last == "end"
    assert "sec-websocket-extensions" not in net.server.headers("/ws")
    assert BAD not in str(heard)  # what the server repeats is checked
    assert "binary" in net.reasons()


@pytest.mark.parametrize(("opaque", "status"), [(Opaque.BLOCK, 403), (Opaque.NOT_PROTECTED, 200)], ids=["blocked", "by the profile"])
def test_binary_answers_go_by_the_site_profile(net_of: Start, opaque: Opaque, status: int) -> None:
    net = net_of({"/": CASES["a binary answer"]}, opaque=opaque)
    with net.tunnel() as t:
        assert t.get("/").status == status


def test_a_whole_part_is_checked(net_of: Start) -> None:
    body = PAGE.encode()
    net = net_of({"/": Reply(body, status=206, headers=(("Content-Range", f"bytes 0-{len(body) - 1}/{len(body)}"),))})
    with net.tunnel() as t:
        got = t.get("/")
    assert got.status == 200
    assert BAD not in got.text
    assert "content-range" not in got.headers


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body_pass(net_of: Start, status: int) -> None:
    net = net_of({"/": f'HTTP/1.1 {status} X\r\nETag: "1"\r\n\r\n'.encode()})
    with net.tunnel() as t:
        assert t.get("/").status == status
    assert not net.incidents


def test_a_request_that_names_another_host_inside_is_refused(net_of: Start) -> None:
    net = net_of({"/": Reply(PAGE.encode())})
    with net.tunnel() as t:
        got = t.get("/", Host="other.test")
    assert got.status == 403
    assert not net.server.seen


def test_uploads_are_not_held(net_of: Start) -> None:
    net = net_of({"/up": Reply(b"{}", "application/json")}, limit=1000)
    with net.tunnel() as t:
        assert t.get("/up", "POST", b"x" * 2**21).status == 200
    assert len(net.server.headers("/up")[":body"]) == 2**21


def test_the_health_of_a_site_is_told_by_whole_answers_alone(net_of: Start) -> None:
    page = b"<p>" + b"good morning " * 300
    net = net_of({"/": Reply(page), "/gone": Reply(page, status=404)})
    assert net.pipeline is not None
    site = net.pipeline.sites.profiles[0]
    net.pipeline.sites = Sites.of([replace(site, healthy=(Healthy("html", True, (), ("state",)),))])
    health = SiteHealth()
    net.pipeline.health = health
    with net.tunnel() as t:
        t.get("/gone")
        assert health.runs() == []
        t.get("/")
    assert [(d.site, d.where, d.misses) for d in health.runs()] == [("social", "html", 1)]


def test_what_a_site_says_the_time_is_is_noted(net_of: Start, tmp_path: Path) -> None:
    date = ("Date", "Sat, 01 Jun 2030 12:00:00 GMT")
    file = tmp_path / "state" / "clock.json"
    net = net_of({"/": Reply(CLEAN, headers=(date,)), "/old": Reply(CLEAN, headers=(date, ("Age", "60")))}, clock=ServerClock(file))
    with net.tunnel() as t:
        assert t.get("/old").status == 200
        assert noted(file) is None
        assert t.get("/").status == 200
    found = noted(file)
    assert found is not None
    assert found[0] == datetime(2030, 6, 1, 12, tzinfo=UTC)

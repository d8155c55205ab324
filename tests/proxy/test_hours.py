"""Times without social networks, through the real proxy: every kind of request is told so, and what goes on ends when they begin."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from safeguard.policy.hours import Wall, window
from safeguard.policy.profiles import Profiles, with_hours
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.rig import Reply, Socket, Tunnel, send, websocket

NIGHT, DAY = Wall(0, 22 * 60), Wall(0, 12 * 60)
ROUTES = {"/": Reply(b"<p>hello"), "/x.json": Reply(b'{"a":"b c"}', "application/json"), "/p.png": Reply(b"png", "image/png")}


def family(name: str = "young-child", site: str = "", off: bool | None = None, *times: str) -> Profiles:
    made = Profiles()
    return made.with_profile(with_hours(made.named(name), site, off, tuple(map(window, times))))


def start(net_of: Start, profiles: Profiles | None = None, wall: Wall = NIGHT) -> Net:
    net = net_of(dict(ROUTES) | {"/ws": websocket(["hello"]), "/slow": slow, "/film": film})
    assert net.pipeline is not None
    net.pipeline.profiles = profiles or family("young-child", "", None, "mon-fri 21:00-07:00")
    net.pipeline.wall = lambda: wall
    return net


def set_wall(net: Net, wall: Wall) -> None:
    assert net.pipeline is not None
    net.pipeline.wall = lambda: wall


async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
    """An event stream that says something ten times a second."""
    head = "HTTP/1.1 200 X\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    await send(writer, head.encode())
    while True:
        await send(writer, b"data: hello\n\n")
        await asyncio.sleep(0.1)


async def film(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
    await send(writer, b"HTTP/1.1 200 X\r\nContent-Type: video/mp4\r\nConnection: close\r\n\r\n")
    while True:
        await send(writer, b"\0\0\0\x18ftypmp42" + bytes(5000))
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("dest", ["document", "iframe"])
def test_a_page_says_who_and_until_when(net_of: Start, dest: str) -> None:
    net = start(net_of)
    with net.tunnel() as t:
        got = t.get("/", Sec_Fetch_Dest=dest)
    assert (got.status, got.headers["cache-control"]) == (403, "no-store")
    assert got.headers["content-type"].startswith("text/html")
    assert "SafeGuard" in got.text
    assert "07:00" in got.text
    assert "hello" not in got.text
    assert net.server.seen == []


def test_an_old_browser_gets_the_page_too(net_of: Start) -> None:
    with start(net_of).tunnel() as t:
        assert "<h1>" in t.get("/", Accept="text/html,*/*").text


@pytest.mark.parametrize("path", ["/x.json", "/p.png", "/no", "/ws"])
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_what_scripts_ask_for_is_told_as_an_answer(net_of: Start, path: str, method: str) -> None:
    net = start(net_of)
    with net.tunnel() as t:
        got = t.get(path, method, b"said" if method == "POST" else b"", Sec_Fetch_Dest="empty")
        assert got.status == 403
        if method != "HEAD":
            said = json.loads(got.body)
            assert said["error"] == "blocked by SafeGuard"
            assert "07:00" in said["why"]
        again = t.get("/", Sec_Fetch_Dest="document")  # on the same connection
        assert again.status == 403
    assert net.server.seen == []


def test_a_live_connection_is_not_begun(net_of: Start) -> None:
    net = start(net_of)
    with net.tunnel() as t:
        t.send("/ws", Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Key="x" * 22 + "==", Sec_WebSocket_Version="13")
        assert t.answer().status == 403
    assert net.server.seen == []


def test_an_upload_that_streams_is_answered_too(net_of: Start) -> None:
    net = start(net_of)
    with net.tunnel() as t:
        t.send("/x.json", "POST", b"", Transfer_Encoding="chunked")
        assert t.socket is not None
        t.socket.sendall(b"4\r\nsaid\r\n0\r\n\r\n")
        assert t.answer().status == 403
    assert net.server.seen == []


def test_by_day_all_is_as_ever(net_of: Start) -> None:
    net = start(net_of, wall=DAY)
    with net.tunnel() as t:
        assert t.get("/").body == b"<p>hello"
        set_wall(net, NIGHT)
        assert t.get("/").status == 403
        set_wall(net, DAY)
        assert t.get("/").body == b"<p>hello"


def ended(t: Tunnel) -> bool:
    """Whether the connection ends within seconds."""
    assert t.socket is not None
    t.socket.settimeout(6)
    try:
        while t.socket.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def test_an_open_socket_on_which_nothing_is_said_ends_when_the_time_begins(net_of: Start) -> None:
    net = start(net_of, wall=DAY)
    with net.tunnel() as t:
        assert Socket(t, "/ws").messages(1) == ["hello"]
        set_wall(net, NIGHT)
        assert ended(t)


def test_what_is_said_on_an_open_socket_ends_it_at_once(net_of: Start) -> None:
    net = start(net_of, wall=DAY)
    with net.tunnel() as t:
        s = Socket(t, "/ws")
        s.messages(1)
        s.send("one")
        assert s.messages(1) == ["heard one"]
        set_wall(net, NIGHT)
        s.send("two")
        assert s.closed() == 1008
    with net.tunnel() as t:
        t.send("/ws", Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Key="x" * 22 + "==", Sec_WebSocket_Version="13")
        assert t.answer().status == 403


@pytest.mark.parametrize("path", ["/slow", "/film"])
def test_a_stream_ends_when_the_time_begins(net_of: Start, path: str) -> None:
    net = start(net_of, wall=DAY)
    with net.tunnel() as t:
        t.send(path)
        assert t.head()[0] == 200
        assert t.read(20)
        set_wall(net, NIGHT)
        assert ended(t)


@pytest.mark.parametrize(
    ("profiles", "status"),
    [
        (family("young-child", "", True), 403),
        (family("young-child", "social", True), 403),
        (family("young-child", "other", True), 200),
        (family("young-child", "social", False, "daily 00:00-24:00"), 200),
        (family("teen", "", True), 200),
    ],
    ids=["off altogether", "this site", "another site", "this one stays on", "nobody's profile"],
)
def test_whose_and_which(net_of: Start, profiles: Profiles, status: int) -> None:
    net = start(net_of, profiles)
    with net.tunnel() as t:
        assert t.get("/").status == status


def test_for_an_unknown_account_the_strictest_counts(net_of: Start) -> None:
    net = start(net_of, family("teen", "", True).with_account("ann", "teen"))
    assert net.proxy is not None
    net.proxy._master.addon._accounts._ask = lambda client, server: ""
    with net.tunnel() as t:
        assert t.get("/").status == 403


def test_what_parents_change_counts_at_once(net_of: Start) -> None:
    net = start(net_of, Profiles())
    assert net.pipeline is not None
    with net.tunnel() as t:
        s = Socket(t, "/ws")
        s.messages(1)
        net.pipeline.profiles = family("young-child", "", True)
        assert ended(t)
    with net.tunnel() as t:
        got = t.get("/", Sec_Fetch_Dest="document")
        assert got.status == 403
        assert "until" not in got.text


def test_a_clock_that_fails_is_off_and_said(net_of: Start) -> None:
    net = start(net_of)
    assert net.pipeline is not None

    def broken() -> Wall:
        raise RuntimeError("clock")

    net.pipeline.wall = broken
    with net.tunnel() as t:
        got = t.get("/", Sec_Fetch_Dest="document")
        assert (got.status, "SafeGuard" in got.text) == (403, True)
    assert "internal error" in net.reasons()


def test_what_is_hidden_stays_as_it_was(net_of: Start) -> None:
    net = start(net_of, wall=DAY)
    net.routes["/"] = replace(ROUTES["/"], body=f"<p>{BAD}".encode())
    with net.tunnel() as t:
        assert "Hidden by SafeGuard" in t.get("/").text

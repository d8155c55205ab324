"""Browsers that say nothing, half a thing or take nothing: the others are served on."""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from contextlib import ExitStack

import pytest

from safeguard.proxy import visitors
from tests.proxy.conftest import Net, Start
from tests.proxy.rig import LOOPBACK, Reply, send

CLEAN = b"<!doctype html><p>good morning"
MANY = 1500


def connect(net: Net) -> socket.socket:
    assert net.proxy is not None
    return socket.create_connection((LOOPBACK, net.proxy.port), timeout=20)


@pytest.mark.timeout(180)
def test_browsing_goes_on_beside_1500_half_open_connections(net_of: Start, request: pytest.FixtureRequest) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] != resource.RLIM_INFINITY and before[1] < 4096:
        pytest.skip("this account may open too few files")
    net = net_of({"/": Reply(CLEAN)})
    assert net.proxy is not None
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 4096  # the proxy raised it
    request.addfinalizer(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, before))
    said = (b"", b"GET / HT", f"CONNECT social.test:{net.server.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), b"\x16\x03\x01")
    with ExitStack() as stack:
        for n in range(MANY):
            s = stack.enter_context(connect(net))
            s.sendall(said[n % 4])
            if n % 500 == 0:
                with net.tunnel() as t:
                    assert t.get("/").body == CLEAN
        with net.tunnel() as t:
            assert t.get("/").body == CLEAN
        handlers = net.proxy._master._server.connections
        assert len(handlers) <= visitors.MOST_WAITING + 10


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: so"], ids=["nothing", "half a request"])
def test_who_brings_no_request_is_hung_up_on(net_of: Start, said: bytes) -> None:
    net = net_of({}, first_request_s=0.2)
    with connect(net) as s:
        s.sendall(said)
        assert s.recv(1) == b""


def test_who_has_brought_one_is_not(net_of: Start) -> None:
    net = net_of({"/": Reply(CLEAN)}, first_request_s=1.0)
    with net.tunnel() as t:
        assert t.get("/").body == CLEAN
        with connect(net) as idle:
            assert idle.recv(1) == b""  # a whole term later
        assert t.get("/").body == CLEAN


def test_a_slow_browser_makes_the_server_wait(net_of: Start) -> None:
    """The film is read from the server as fast as the browser takes it: what is in between stays small."""
    sent = 0

    async def film(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 104857600\r\n\r\n")
        for _ in range(1600):
            await send(writer, bytes(65536))
            sent += 65536

    net = net_of({"/film": film, "/": Reply(CLEAN)})
    with net.tunnel() as t:
        t.send("/film", Sec_Fetch_Dest="video")
        t.head()
        settled, end = -1, time.monotonic() + 20
        while settled != sent and time.monotonic() < end:
            settled = sent
            time.sleep(0.3)  # nothing can be waited on where nothing happens
        with net.tunnel() as other:
            assert other.get("/").body == CLEAN
        assert sent < 32 * 2**20  # kernel buffers of three sockets and ours
        assert t.socket is not None
        left = 104857600
        while left and (more := t.socket.recv(2**20)):
            left -= len(more)
        assert left == 0

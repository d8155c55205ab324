"""The page on a real socket: on loopback alone, by a browser's own account, and gone when it is closed."""

from __future__ import annotations

import http.client
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from safeguard.config import Settings
from safeguard.system import page_probe, peer
from safeguard.web import create_app
from safeguard.web.deps import account_of
from safeguard.web.server import MOST_UNKNOWN, PageError, Server
from tests.cli.conftest import Call
from tests.cli.conftest import call as call
from tests.proxy.conftest import Net, Start
from tests.proxy.conftest import net_of as net_of
from tests.web.conftest import PIN, Site


@pytest.fixture
def served(site: Site) -> Iterator[Server]:
    made = Server(lambda port: create_app(replace(site.deps, port=port, account=account_of)), 0)
    yield made
    made.close()


def ask(port: int, method: str, path: str, body: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, path, body or None, form | {k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def test_sign_in_over_a_socket(served: Server, site: Site) -> None:
    origin = served.address.rstrip("/")
    status, headers, _ = ask(served.port, "POST", "/sign-in", f"pin={PIN}", Origin=origin)
    assert status == 303
    assert "Server" not in headers
    cookie = headers["Set-Cookie"].partition(";")[0]
    status, _, text = ask(served.port, "GET", "/", Cookie=cookie)
    assert status == 200
    assert "Sign out" in text
    assert ask(served.port, "GET", "/")[0] == 303
    ask(served.port, "POST", "/sign-in", "pin=804613", Origin=origin)
    if sys.platform == "linux":
        name = peer.name_of(os.getuid())
        for _ in range(2):
            ask(served.port, "POST", "/sign-in", "pin=804613", Origin=origin)
        assert site.told[-1].excerpt == f"3 wrong PINs, the last one from page:{name}"


@pytest.mark.parametrize("cookie", ["", "safeguard_page=guessed", "other=1"])
@pytest.mark.parametrize("chunked", [False, True])
def test_who_is_not_signed_in_brings_no_large_body(served: Server, cookie: str, chunked: bool) -> None:
    """It is refused while it comes: what the page takes from a parent, a file of evidence, would fill the disk of anybody's."""
    how = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {2**20}"
    head = f"POST /evidence/check HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nCookie: {cookie}\r\n{how}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", served.port), 20) as s:
        s.sendall(head)
        if chunked:
            s.sendall(f"{MOST_UNKNOWN + 1:x}\r\n".encode() + b"x" * (MOST_UNKNOWN + 1) + b"\r\n")
        assert s.recv(4096).startswith(b"HTTP/1.1 413")  # before the rest is sent


def test_who_is_signed_in_brings_one(served: Server) -> None:
    origin = served.address.rstrip("/")
    for name in ("", "pin=" + "1" * (MOST_UNKNOWN // 2)):  # a long text is no PIN, and refused as one
        status, _, _ = ask(served.port, "POST", "/sign-in", name or f"pin={PIN}", Origin=origin)
        assert status == (403 if name else 303)
    _, headers, _ = ask(served.port, "POST", "/sign-in", f"pin={PIN}", Origin=origin)
    cookie = headers["Set-Cookie"].partition(";")[0]
    status, _, _ = ask(served.port, "POST", "/rules/try", "text=" + "a" * (2 * MOST_UNKNOWN), Origin=origin, Cookie=cookie)
    assert status == 403  # read, and asked for its token


def test_two_host_headers(served: Server) -> None:
    with socket.create_connection(("127.0.0.1", served.port), 20) as s:
        s.sendall(f"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nHost: evil.test\r\nConnection: close\r\n\r\n".encode())
        said = b""
        while more := s.recv(4096):
            said += more
    assert said.startswith(b"HTTP/1.1 4")


def test_it_listens_on_loopback_alone(served: Server) -> None:
    assert served._server.socket.getsockname()[0] == "127.0.0.1"


def test_a_taken_port_is_told(served: Server, site: Site) -> None:
    with pytest.raises(PageError, match=r"page\.port"):
        Server(lambda port: create_app(site.deps), served.port)


def test_it_ends(site: Site) -> None:
    server = Server(lambda port: create_app(replace(site.deps, port=port)), 0)
    assert ask(server.port, "GET", "/sign-in")[0] == 200
    with socket.create_connection(("127.0.0.1", server.port)):  # an idle browser holds nothing up
        server.close()
    with pytest.raises(OSError, match="refused"):
        ask(server.port, "GET", "/sign-in")


def test_not_through_our_own_proxy(served: Server, net_of: Start) -> None:
    """A page that the child's browser shows through the filter cannot reach the parents' page by it, by no name of this computer."""
    net: Net = net_of(private=False)
    assert net.proxy is not None
    for host in ("127.0.0.1", "localhost", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"):
        connection = http.client.HTTPConnection("127.0.0.1", net.proxy.port, timeout=20)
        try:
            connection.request("GET", f"http://{host}:{served.port}/sign-in", headers={"Host": f"127.0.0.1:{served.port}"})
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
            assert answer.status >= 400, host
        except (http.client.HTTPException, OSError):
            text = ""  # refused without an answer
        finally:
            connection.close()
        assert "Sign in" not in text
        with socket.create_connection(("127.0.0.1", net.proxy.port), 20) as s:
            s.sendall(f"CONNECT {host}:{served.port} HTTP/1.1\r\nHost: {host}:{served.port}\r\n\r\n".encode())
            s.settimeout(20)
            said = s.recv(4096)
            if said.startswith(b"HTTP/1.1 200"):  # the refusal comes with the first request inside
                s.sendall(f"GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nConnection: close\r\n\r\n".encode())
                try:
                    said = s.recv(65536)
                except OSError:
                    said = b""
            assert b"Sign in" not in said


@pytest.mark.skipif(sys.platform != "linux", reason="whose a listening socket is, is asked of Linux")
def test_open_tells_our_page_from_another_program(served: Server, call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)  # type: ignore[func-returns-value]
    monkeypatch.setattr("safeguard.cli.open.settings_of", lambda file, port: Settings(page_port=served.port))
    assert call("open", "--print").stdout == served.address + "\n"
    assert call("open").exit_code == 0
    assert opened == [served.address]
    monkeypatch.setattr(page_probe.os, "getuid", lambda: 54321)
    monkeypatch.setattr(page_probe.peer, "uid", lambda client, server: 1001)
    done = call("open")
    assert done.exit_code == 1
    assert "in place of the parents' page; do not type your PIN there" in done.stderr
    monkeypatch.setattr(page_probe.peer, "uid", lambda client, server: None)
    assert "an unknown program" in call("open").stderr
    served.close()
    assert "no parents' page answers" in call("open", "--print").stderr
    assert len(opened) == 1

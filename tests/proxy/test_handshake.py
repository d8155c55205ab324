"""Whatever a server fails to prove, nothing is asked of it, and the page says why; no option of mitmproxy changes that."""

from __future__ import annotations

import socket
import ssl
import warnings
from collections.abc import Iterator

import pytest

from safeguard.policy import bad_server, blocked
from safeguard.proxy import handshake
from tests.proxy.bad_servers import BAD, CASES, BadNet, bad_servers
from tests.proxy.conftest import Start
from tests.proxy.rig import HOST, LOOPBACK, Pki, Reply


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BadNet]:
    with bad_servers(tmp_path_factory.mktemp("bad")) as found:
        yield found


@pytest.mark.parametrize("name", CASES)
def test_whoever_is_careless_is_served(net: BadNet, name: str) -> None:
    """Else the next tests would pass because a server is broken, not because it is refused."""
    careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    careless.set_ciphers("ALL:eNULL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        careless.minimum_version = ssl.TLSVersion.TLSv1
    server = net.servers[name]
    with socket.create_connection((LOOPBACK, server.port), 10) as plain, careless.wrap_socket(plain, server_hostname=HOST) as tls:
        tls.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert b"200" in tls.recv(100)
    server.seen.clear()


@pytest.mark.parametrize("name", CASES)
def test_only_a_server_that_proves_who_it_is_is_asked(net: BadNet, name: str) -> None:
    server, why = net.servers[name], CASES[name].why
    net.incidents.clear()
    with net.tunnel(port=server.port) as t:
        page = t.get("/", Sec_Fetch_Dest="document")
        script = t.get("/", Sec_Fetch_Dest="empty")
    if not why:
        assert (page.status, page.body) == (200, b"<!doctype html><p>reached")
        return
    assert (page.status, script.status) == (502, 502)
    assert bad_server.TITLE["en"] in page.text
    assert bad_server.said(why, "en").replace("'", "&#x27;") in page.text
    assert why in script.text
    assert net.reasons().split(" | ") == [why] * 2
    assert not server.seen


@pytest.mark.parametrize("name", BAD)
def test_no_live_connection_to_it_either(net: BadNet, name: str) -> None:
    key = {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec_WebSocket_Version": "13"}
    with net.tunnel(port=net.servers[name].port) as t:
        assert t.get("/ws", Upgrade="websocket", Connection="Upgrade", **key).status == 502
    assert not net.servers[name].seen


def test_our_own_authority_is_trusted_by_no_default(net_of: Start) -> None:
    """The proxy's roots are not the system's, so a chain of the family's authority is one that nobody knows."""
    net = net_of({"/": Reply(b"reached")}, pki=Pki())
    with net.tunnel() as t:
        assert t.get("/").status == 502
    assert net.reasons() == bad_server.UNKNOWN


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("Certificate verify failed: something new", bad_server.INVALID),
        ("OpenSSL Error([('SSL routines', '', 'something new')])", bad_server.NOT_SECURE),
        ("The remote server does not speak TLS.", bad_server.NOT_SECURE),
        ("connection closed", bad_server.NOT_SECURE),
        ("Server closed connection", ""),
        ("the body is too large to be checked", ""),
        ("HTTP/1 protocol error: OpenSSL Certificate verify failed: ", ""),
        ("", ""),
    ],
)
def test_words(message: str, why: str) -> None:
    assert handshake.reason(message) == why


@pytest.mark.parametrize("lang", blocked.TITLE)
@pytest.mark.parametrize("why", bad_server.REASONS)
def test_every_language_says_every_reason(why: str, lang: str) -> None:
    body, _ = blocked.page(lang, why, "AB12-CD34")
    assert "AB12-CD34" in body.decode()
    assert bad_server.TITLE[lang] in body.decode()
    assert (bad_server.said(why, lang) == why) is (lang == "en")
    assert len({bad_server.said(w, lang) for w in bad_server.REASONS}) == len(bad_server.REASONS)
    assert HOST not in body.decode()

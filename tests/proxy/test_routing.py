"""What is opened up, what passes with its own certificate, what is refused; on real sockets."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from safeguard.errors import ProxyError
from safeguard.proxy import master
from safeguard.proxy.checking import PipelineChecker
from tests.proxy.conftest import BAD, Net, Start
from tests.proxy.rig import HOST, LOOPBACK, OTHER, Reply

PAGE = {"/": Reply(f"<p>{BAD}".encode())}


def test_an_unwatched_host_passes_with_its_own_certificate(net_of: Start) -> None:
    net = net_of(dict(PAGE))
    with net.tunnel(OTHER, net.other.port, net.pki.pem) as t:
        assert t.certificate.issuer == net.pki.root.subject
        got = t.get("/", Accept_Encoding="br")
    assert BAD in got.text
    assert net.other.headers("/")["accept-encoding"] == "br"
    assert not net.incidents


@pytest.mark.parametrize("host", [HOST, "www." + HOST, HOST.upper(), HOST + "."], ids=["name", "subdomain", "capitals", "dot"])
def test_a_watched_host_is_opened_up(net_of: Start, host: str) -> None:
    net = net_of(dict(PAGE), names=(HOST, "www." + HOST))
    with net.tunnel(host, sni=host.rstrip(".").lower()) as t:
        assert t.certificate.issuer == net.authority.intermediate.subject


@pytest.mark.parametrize(
    ("host", "sni"),
    [(OTHER, HOST), (HOST, OTHER), (LOOPBACK, HOST), ("8.8.8.8", HOST)],
    ids=["sni", "connect", "private", "address"],
)
def test_a_tunnel_whose_names_disagree_is_refused(net_of: Start, host: str, sni: str) -> None:
    net = net_of(dict(PAGE))
    with pytest.raises(OSError, match=r"."):
        net.tunnel(host, net.server.port, net.pki.pem + net.authority.root_pem, sni)
    assert not net.server.seen
    assert not net.other.seen


def speak(net: Net, data: bytes) -> bytes:
    assert net.proxy is not None
    with socket.create_connection((LOOPBACK, net.proxy.port), timeout=20) as s:
        s.sendall(data)
        out = b""
        try:
            while more := s.recv(65536):
                out += more
        except ConnectionError:
            pass
        return out


@pytest.mark.parametrize("how", ["absolute", "connect", "address"])
@pytest.mark.parametrize("host", [HOST, OTHER], ids=["watched", "not watched"])
def test_loopback_is_refused_after_resolution(net_of: Start, how: str, host: str) -> None:
    net = net_of(dict(PAGE), private=False)
    name = LOOPBACK if how == "address" else host
    where = f"{name}:{net.other.port}"
    if how == "absolute":
        got = speak(net, f"GET http://{where}/ HTTP/1.1\r\nHost: {where}\r\nConnection: close\r\n\r\n".encode())
        assert b" 502 " in got.split(b"\r\n")[0]
    else:
        with pytest.raises(OSError, match=r"."):
            net.tunnel(name, net.other.port, net.pki.pem, host if host == OTHER else OTHER)
    assert not net.server.seen
    assert not net.other.seen


def test_a_watched_host_on_loopback_says_why(net_of: Start) -> None:
    net = net_of(dict(PAGE), private=False)
    with net.tunnel() as t:
        got = t.get("/", Sec_Fetch_Dest="document")
    assert got.status == 502
    assert "loopback" in got.text


def test_plain_http_of_a_watched_host_is_read(net_of: Start) -> None:
    """http:// goes to the proxy as an absolute address; a Host header of another name is no way round."""
    net = net_of(dict(PAGE))
    where = f"{HOST}:{net.server.port}"
    said = f"GET http://{OTHER}:{net.other.port}/ HTTP/1.1\r\nHost: {where}\r\nConnection: close\r\n\r\n"
    got = speak(net, said.encode())
    assert b" 403 " in got.split(b"\r\n")[0]
    assert BAD.encode() not in got


def test_plain_bytes_in_a_tunnel_to_a_watched_host_go_nowhere(net_of: Start) -> None:
    net = net_of(dict(PAGE))
    got = speak(net, f"CONNECT {HOST}:{net.server.port} HTTP/1.1\r\nHost: x\r\n\r\n\x00\x01 raw bytes\r\n\r\n".encode())
    assert b" 400 " in got
    assert not net.server.seen


def test_a_plain_request_for_a_watched_host_in_another_tunnel_is_refused(net_of: Start) -> None:
    net = net_of(dict(PAGE))
    head = f"CONNECT {OTHER}:{net.other.port} HTTP/1.1\r\nHost: x\r\n\r\n"
    got = speak(net, f"{head}GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    assert got.count(b"HTTP/1.1") <= 1  # the answer to CONNECT alone


def test_key_logs_are_not_written(net_of: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mitmproxy.net import tls

    log = tmp_path / "keys"
    monkeypatch.setattr(tls, "log_master_secret", tls.make_master_secret_logger(str(log)))
    net = net_of(dict(PAGE))
    with net.tunnel() as t:
        assert t.get("/").status == 200
    assert not log.exists()


def test_mitm_it_is_not_served(net_of: Start) -> None:
    net = net_of({})
    got = speak(net, b"GET http://mitm.it/cert/pem HTTP/1.1\r\nHost: mitm.it\r\nConnection: close\r\n\r\n")
    assert b" 502 " in got.split(b"\r\n")[0]
    assert b"CERTIFICATE" not in got


def test_listens_on_loopback_alone_and_a_taken_port_is_one_line(net_of: Start) -> None:
    net = net_of({})
    assert net.proxy is not None
    assert net.pipeline is not None
    with pytest.raises(OSError, match=r"."):
        socket.create_connection(("127.0.0.2", net.proxy.port), timeout=5)
    port = net.proxy.port
    net.proxy.stop()
    with socket.create_server((LOOPBACK, port)), pytest.raises(ProxyError, match=f"port {port} ") as refused:
        master.start_in_thread(PipelineChecker(net.pipeline), net.authority, port=port)
    assert "\n" not in str(refused.value)


def test_stop_frees_the_port_with_connections_open(net_of: Start) -> None:
    net = net_of(dict(PAGE))
    assert net.proxy is not None
    with net.tunnel() as t:
        assert t.get("/").status == 200
        net.proxy.stop()
        assert not net.proxy.alive
        assert t.socket is not None
        assert t.socket.recv(1) == b""
    with socket.create_server((LOOPBACK, net.proxy.port)):
        pass


def test_a_client_without_sni_is_served_by_the_name_of_its_tunnel(net_of: Start) -> None:
    net = net_of(dict(PAGE))
    assert net.proxy is not None
    with socket.create_connection((LOOPBACK, net.proxy.port), timeout=20) as plain:
        plain.sendall(f"CONNECT {HOST}:{net.server.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        while b"\r\n\r\n" not in plain.recv(4096):
            pass
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(cadata=net.authority.root_pem.decode())
        with context.wrap_socket(plain) as tls:
            assert tls.getpeercert()["subjectAltName"] == (("DNS", HOST),)  # type: ignore[index]

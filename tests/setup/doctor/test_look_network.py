"""Whose certificate a site shows, on a real TLS server with an authority of our own; tunnels and dates from what a system would say."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from safeguard.demo import certificate
from safeguard.setup.doctor import look_network
from safeguard.setup.doctor.facts import Seen, Tunnel

ROOT = Path(__file__).parents[3]
HOST = "video.test"
DATE = "Sat, 01 Jun 2030 12:00:00 GMT"
ANSWER = f"HTTP/1.1 200 OK\r\nDate: {DATE}\r\nContent-Length: 0\r\n\r\n".encode()


@contextmanager
def site(pem: Path, answer: bytes = ANSWER) -> Iterator[look_network.Connect]:
    """A site that shows that certificate; gives what connects to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    try:
                        with context.wrap_socket(client, server_side=True) as secured:
                            secured.recv(4096)
                            secured.sendall(answer)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield lambda host: socket.create_connection(server.getsockname(), 5)
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


@pytest.fixture(scope="module")
def shows(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(what the site shows, the file of the authority behind it)."""
    folder, made = tmp_path_factory.mktemp("pki"), certificate.make(HOST)
    (folder / "site.pem").write_bytes(made.certificate + made.key)
    (folder / "ca.pem").write_bytes(made.ca)
    return folder / "site.pem", folder / "ca.pem"


def trusting(*files: Path) -> ssl.SSLContext:
    """What this computer trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for file in files:
        context.load_verify_locations(file)
    return context


def test_nobody_in_between(shows: tuple[Path, Path]) -> None:
    with site(shows[0]) as connect:
        [found] = look_network.shown([HOST], connect, public=str(shows[1]), local=trusting())
    assert (found.host, found.seen) == (HOST, Seen.PUBLIC)
    assert found.server_time == dt.datetime(2030, 6, 1, 12, tzinfo=dt.UTC)


def test_an_authority_that_only_this_computer_knows_is_somebody_in_between(shows: tuple[Path, Path]) -> None:
    with site(shows[0]) as connect:
        [found] = look_network.shown([HOST], connect, local=trusting(shows[1]))
    assert (found.seen, found.issuer) == (Seen.LOCAL, "Sample network test authority")


def test_an_authority_that_nobody_knows(shows: tuple[Path, Path]) -> None:
    with site(shows[0]) as connect:
        [found] = look_network.shown([HOST], connect, local=trusting())
    assert (found.seen, found.issuer) == (Seen.UNKNOWN, "Sample network test authority")


def test_a_certificate_for_another_name_counts_as_somebody_in_between(shows: tuple[Path, Path]) -> None:
    with site(shows[0]) as connect:
        [found] = look_network.shown(["other.test"], connect, public=str(shows[1]), local=trusting())
    assert found.seen is Seen.UNKNOWN


def test_a_certificate_of_another_time(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    start = dt.datetime.now(dt.UTC) + dt.timedelta(days=10)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "ca.pem").write_bytes(pem)
    (tmp_path / "site.pem").write_bytes(pem + private)
    with site(tmp_path / "site.pem") as connect:
        [found] = look_network.shown([HOST], connect, public=str(tmp_path / "ca.pem"), local=trusting())
    assert found.seen is Seen.DATED


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense", b"HTTP/1.1 200 OK\r\nDate: soon\r\n\r\n", b"HTTP/1.1 200 OK\r\nDate: " + DATE.encode() + b"\r\nAge: 600\r\n\r\n"],
)
def test_no_time_is_told(shows: tuple[Path, Path], answer: bytes) -> None:
    with site(shows[0], answer) as connect:
        [found] = look_network.shown([HOST], connect, public=str(shows[1]), local=trusting())
    assert (found.seen, found.server_time) == (Seen.PUBLIC, None)


def test_without_a_network_one_is_asked_and_no_more() -> None:
    asked = []

    def connect(host: str) -> socket.socket:
        asked.append(host)
        raise OSError("no route")

    found = look_network.shown(["a.test", "b.test"], connect)
    assert [(s.host, s.seen) for s in found] == [("a.test", Seen.UNREACHED)]
    assert asked == ["a.test"]


def test_a_name_server_that_never_answers_does_not_hold_it_up() -> None:
    forever = threading.Event()

    def connect(host: str) -> socket.socket:
        forever.wait(30)
        raise OSError

    wait = look_network.shown_within(0.2, ["a.test"], connect)
    assert [s.seen for s in wait()] == [Seen.UNREACHED]
    forever.set()


def interfaces(root: Path) -> Path:
    for name, files in {
        "eth0": {"type": "1\n", "uevent": "INTERFACE=eth0\n"},
        "wg0": {"type": "65534\n", "uevent": "DEVTYPE=wireguard\nINTERFACE=wg0\n"},
        "tun0": {"type": "65534\n", "uevent": "INTERFACE=tun0\n", "tun_flags": "0x1001\n"},
        "ppp0": {"type": "512\n", "uevent": "DEVTYPE=ppp\n"},
    }.items():
        folder = root / "sys/class/net" / name
        folder.mkdir(parents=True)
        for file, data in files.items():
            (folder / file).write_text(data)
    return root


@pytest.mark.parametrize(
    ("routes", "default"),
    [
        ([], set()),
        ([{"dst": "default", "dev": "eth0"}, {"dst": "10.0.0.0/8", "dev": "tun0"}], set()),
        ([{"dst": "default", "dev": "wg0", "table": "51820"}], {"wg0"}),  # wg-quick
        (
            [{"dst": "default", "dev": "eth0"}, {"dst": "0.0.0.0/1", "dev": "tun0"}, {"dst": "128.0.0.0/1", "dev": "tun0"}],
            {"tun0"},
        ),  # OpenVPN
        ([{"dst": "::/0", "dev": "ppp0"}], {"ppp0"}),
    ],
    ids=["none", "some networks only", "wg-quick", "openvpn", "ppp"],
)
def test_tunnels(tmp_path: Path, routes: list[dict[str, object]], default: set[str]) -> None:
    found = look_network.tunnels(interfaces(tmp_path), lambda: routes)
    assert {(t.name, t.kind) for t in found} == {("wg0", "wireguard"), ("tun0", "tun"), ("ppp0", "ppp")}
    assert {t.name for t in found if t.default} == default


TUNNEL = (
    "mount -t sysfs sysfs /sys && ip tuntap add sgt0 mode tun && ip address add 10.99.0.1/24 dev sgt0 && ip link set sgt0 up && "
    "ip route add default dev sgt0"
)
LOOK = "from safeguard.setup.doctor import look_network; print(look_network.tunnels())"


def test_a_real_tunnel_in_a_network_of_its_own() -> None:
    apart = ["unshare", "--net", "--mount", "sh", "-c"]
    if shutil.which("unshare") is None or subprocess.run([*apart, TUNNEL], capture_output=True).returncode:
        pytest.skip("no tunnel can be made here: needs root, iproute2 and /dev/net/tun")
    done = subprocess.run([*apart, f'{TUNNEL} && exec "{sys.executable}" -c "{LOOK}"'], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == repr((Tunnel("sgt0", "tun", True),)), done.stderr


def test_this_computers_own_routes_can_be_read() -> None:
    assert all(isinstance(t, Tunnel) for t in look_network.tunnels())

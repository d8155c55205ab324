"""Whose browser it is: the uid behind a loopback connection, as Linux tells it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from safeguard.system import peer

linux = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc/net")
HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
ROW = "   0: 0100007F:C350 0100007F:22AD {st} 00000000:00000000 00:00000000 00000000 {uid:5d}        0 {inode} 1 0000000000000000 20\n"
TURNED = "0100007F:C350 0100007F:22AD", "0100007F:22AD 0100007F:C350"
ENDS = ("127.0.0.1", 50000), ("127.0.0.1", 8877)


def table(tmp_path: Path, rows: str, name: str = "tcp") -> Path:
    (tmp_path / name).write_text(HEAD + rows)
    return tmp_path


little = pytest.mark.skipif(sys.byteorder != "little", reason="the table of this test is of a little-endian computer")


@little
@pytest.mark.parametrize(
    ("rows", "uid"),
    [
        pytest.param(ROW.format(st="01", uid=1000, inode=7), 1000, id="open"),
        pytest.param(ROW.format(st="01", uid=0, inode=7), 0, id="root"),
        pytest.param(ROW.format(st="06", uid=0, inode=0), None, id="closed by its owner"),
        pytest.param(ROW.format(st="01", uid=1000, inode=7).replace("C350", "C351"), None, id="another port"),
        pytest.param(ROW.format(st="01", uid=1000, inode=7).replace(*TURNED), None, id="our own end"),
        pytest.param("", None, id="nothing"),
        pytest.param("   0: 0100007F:C350 0100007F:22AD 01 \n", None, id="cut off"),
    ],
)
def test_uid(tmp_path: Path, rows: str, uid: int | None) -> None:
    assert peer.uid(*ENDS, proc=table(tmp_path, rows)) == uid


@little
def test_a_browser_that_speaks_ipv4_through_an_ipv6_socket(tmp_path: Path) -> None:
    row = ROW.format(st="01", uid=1000, inode=7).replace("0100007F", "0000000000000000FFFF00000100007F")
    assert peer.uid(*ENDS, proc=table(tmp_path, row, "tcp6")) == 1000


def test_no_table(tmp_path: Path) -> None:
    assert peer.uid(*ENDS, proc=tmp_path / "none") is None


@linux
def test_a_real_connection_is_ours() -> None:
    with socket.create_server(("127.0.0.1", 0)) as s, socket.create_connection(s.getsockname()) as c:
        assert peer.uid(c.getsockname(), c.getpeername()) == os.getuid()
        assert peer.account(c.getsockname(), c.getpeername()) == peer.name_of(os.getuid())


@linux
def test_a_real_connection_through_an_ipv6_socket() -> None:
    with socket.create_server(("127.0.0.1", 0)) as s, socket.socket(socket.AF_INET6) as c:
        try:
            c.connect(("::ffff:127.0.0.1", s.getsockname()[1]))
        except OSError:
            pytest.skip("no IPv6 here")
        at, peername = s.accept()[0], c.getsockname()
        with at:
            assert peer.uid(peername[:2], at.getsockname()) == os.getuid()


@linux
def test_a_connection_that_its_owner_closed_is_nobodys() -> None:
    with socket.create_server(("127.0.0.1", 0)) as s:
        c = socket.create_connection(s.getsockname())
        client, server = c.getsockname(), c.getpeername()
        at = s.accept()[0]
        c.close()
        assert peer.uid(client, server) is None
        at.close()


@linux
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root, to be two accounts at once")
def test_another_account() -> None:
    if shutil.which("bash") is None:
        pytest.skip("bash opens the connection of the other account")
    with socket.create_server(("127.0.0.1", 0)) as s:
        command = ["bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{s.getsockname()[1]}; read -u 3"]
        with subprocess.Popen(command, user=4711, group=4711, cwd="/") as p:
            at, client = s.accept()
            with at:
                assert peer.uid(client, at.getsockname()) == 4711
                assert peer.account(client, at.getsockname()) == "4711"
            p.wait(10)


def test_known_accounts() -> None:
    assert peer.known("12345")
    if sys.platform != "win32":
        assert peer.known(peer.name_of(os.getuid()))
        assert not peer.known("no-such-account")

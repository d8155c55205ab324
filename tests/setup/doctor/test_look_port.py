"""Who sits on the port: a real listener of this computer is named by program, process and account."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from safeguard.setup.doctor import look_port
from safeguard.setup.doctor.facts import Holder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
LISTEN = "import socket,sys; s=socket.create_server(('127.0.0.1',0)); print(s.getsockname()[1], flush=True); sys.stdin.read()"


def listener(*more: str, user: int | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", LISTEN, *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, user=user, cwd="/"
    )


def test_a_process_of_our_own() -> None:
    with listener("squatter") as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        found = look_port.holder(port)
        process.communicate()
    assert found is not None
    assert (found.pid, found.account) == (process.pid, pwd.getpwuid(os.geteuid()).pw_name)
    assert Path(found.program.split()[0]).name.startswith("python")
    assert look_port.holder(port) is None


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::1")])
def test_whatever_address_it_listens_on(family: socket.AddressFamily, address: str) -> None:
    with socket.socket(family) as s:
        try:
            s.bind((address, 0))
        except OSError:
            pytest.skip(f"no {address} here")
        s.listen()
        found = look_port.holder(s.getsockname()[1])
    assert found is not None
    assert found.pid == os.getpid()


def test_a_socket_that_only_connects_is_no_listener() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert look_port.holder(client.getsockname()[1]) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="looks as another account: needs root")
def test_an_account_that_may_not_see_the_program_is_told_whose_it_is() -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert look_port.holder(port) is not None  # loads what the other account could not
        child = os.fork()  # another interpreter could not read this checkout as nobody
        if child == 0:
            right = False
            try:
                server.close()
                os.setuid(nobody)
                right = look_port.holder(port) == Holder("", 0, "root")
            finally:
                os._exit(not right)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

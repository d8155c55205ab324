"""Strict mode for real: users of this machine, a network of their own, and the rules in its kernel."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from safeguard.setup import strict
from safeguard.setup.plan import Run, WriteFile

PORT = 8877
INSIDE = r"""
import json, os, socket, subprocess, sys, time
rules, undo, uids = sys.argv[1], sys.argv[2].split(), [int(u) for u in sys.argv[3:]]
def ip(*commands):
    for command in commands:
        subprocess.run(["ip", *command.split()], check=True)
near = os.open("/proc/self/ns/net", os.O_RDONLY)
ip("link set lo up", "link add out0 type veth peer name out1", "link set out0 up",
   "address add 192.0.2.2/24 dev out0", "address add 2001:db8::2/64 dev out0 nodad")
os.unshare(os.CLONE_NEWNET)  # the world outside
far = os.open("/proc/self/ns/net", os.O_RDONLY)
os.setns(near, os.CLONE_NEWNET)
ip(f"link set out1 netns /proc/{os.getpid()}/fd/{far}")
os.setns(far, os.CLONE_NEWNET)
ip("link set out1 up", "address add 192.0.2.1/24 dev out1", "address add 2001:db8::1/64 dev out1 nodad")
os.setns(near, os.CLONE_NEWNET)
def outside(at):
    return at[0] in ("192.0.2.1", "2001:db8::1")
TCP = [("127.0.0.1", PORT), ("127.0.0.1", 3128), ("127.0.0.2", PORT), ("::1", PORT), ("::ffff:127.0.0.1", 3128), ("192.0.2.1", PORT),
       ("192.0.2.1", 443), ("2001:db8::1", 443), ("2001:db8::1", PORT)]
UDP = [("127.0.0.1", 53), ("127.0.0.53", 53), ("192.0.2.1", 53), ("::1", 53), ("2001:db8::1", 53), ("192.0.2.1", 443), ("127.0.0.1", PORT)]
def family(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET
def name(kind, at):
    return kind + " " + at[0] + " " + str(at[1])
listening, bound = {}, {}
for at in TCP:
    os.setns(far if outside(at) else near, os.CLONE_NEWNET)
    if "ffff" not in at[0]:
        listening[at] = socket.create_server(at, family=family(at[0]))
for at in UDP:
    os.setns(far if outside(at) else near, os.CLONE_NEWNET)
    bound[at] = socket.socket(family(at[0]), socket.SOCK_DGRAM)
    bound[at].bind(at)
    bound[at].settimeout(0.3)
os.setns(near, os.CLONE_NEWNET)
time.sleep(1)  # until the link is up
def reach(uid):
    r, w = os.pipe()
    if not os.fork():
        os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(uid, uid, uid)
        got = {}
        for at in TCP:
            began = time.monotonic()
            with socket.socket(family(at[0])) as s:
                s.settimeout(5)
                try:
                    s.connect(at); got[name("tcp", at)] = "reached"
                except OSError as e:
                    got[name("tcp", at)] = "late" if time.monotonic() - began > 2 else "refused"
        for at in UDP:
            with socket.socket(family(at[0]), socket.SOCK_DGRAM) as s:
                try:
                    s.sendto(b"?", at)
                except OSError:
                    pass
        os.write(w, json.dumps(got).encode()); os._exit(0)
    os.close(w)
    got = json.loads(os.fdopen(r).read()); os.wait()
    for at, s in bound.items():
        try:
            s.recv(10); got[name("udp", at)] = "reached"
        except OSError:
            got[name("udp", at)] = "refused"
    return got
out = {"before": reach(uids[0])}
subprocess.run(["nft", "-f", rules], check=True)
subprocess.run(["nft", "-f", rules], check=True)
out |= {str(uid): reach(uid) for uid in uids}
subprocess.run(undo, check=True)
out["after"] = reach(uids[0])
out["left"] = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=True).stdout
print(json.dumps(out))
"""


@pytest.fixture
def users() -> Iterator[tuple[pwd.struct_passwd, pwd.struct_passwd]]:
    """A child with an odd name, and a parent."""
    if os.geteuid() != 0:
        pytest.skip("needs root: makes users and a network namespace")
    missing = [p for p in ("nft", "ip", "unshare", "useradd", "userdel") if shutil.which(p) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    if subprocess.run(["unshare", "--net", "true"], capture_output=True, timeout=30).returncode:
        pytest.skip("this kernel lets us make no network namespace")
    names = [f"sgt-Ayşe.O'{os.getpid()}", f"sgt-{os.getpid()}"]
    try:
        for name in names:
            subprocess.run(["useradd", "--badname", "--no-create-home", name], check=True, capture_output=True, timeout=60)
        yield (pwd.getpwnam(names[0]), pwd.getpwnam(names[1]))
    finally:
        for name in names:
            subprocess.run(["userdel", name], check=False, capture_output=True, timeout=60)


def test_the_child_reaches_our_port_and_nothing_else(users: tuple[pwd.struct_passwd, pwd.struct_passwd], tmp_path: Path) -> None:
    child, parent = users
    subuid = Path("/etc/subuid").read_text() if Path("/etc/subuid").exists() else ""
    uids = strict.accounts(child.pw_uid, child.pw_name, f"{subuid}\n{child.pw_name}:900000:65536\n")
    file, load = strict.actions(uids, PORT, at_boot=False)
    assert isinstance(file, WriteFile)
    assert isinstance(load, Run)
    assert load.command == ("/usr/sbin/nft", "-f", str(file.path))
    rules = tmp_path / "rules.nft"
    rules.write_bytes(file.data)
    asked = [child.pw_uid, 900005, parent.pw_uid]
    command = ["unshare", "--net", sys.executable, "-c", f"PORT = {PORT}\n{INSIDE}", str(rules), " ".join(load.undo), *map(str, asked)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    everything = dict.fromkeys(told["before"], "reached")
    assert told["before"] == told["after"] == told[str(parent.pw_uid)] == everything
    for uid in asked[:2]:
        assert told[str(uid)] == dict.fromkeys(everything, "refused") | {f"tcp 127.0.0.1 {PORT}": "reached"}
    assert told["left"] == ""


def test_the_ids_of_a_childs_containers_are_the_childs() -> None:
    told = "anna:100000:65536\nben:200000:10\n1001:300000:5\nanna:broken\nanna:5:0\n"
    assert strict.accounts(1001, "anna", told) == ((1001, 1001), (100000, 165535), (300000, 300004))
    assert strict.accounts(1002, "carl", told) == ((1002, 1002),)


def test_without_a_child_there_are_no_rules() -> None:
    with pytest.raises(ValueError, match="nobody"):
        strict.rules((), PORT)


def test_systemd_accepts_the_unit_and_undone_backwards_nothing_is_left(tmp_path: Path) -> None:
    actions = strict.actions(((1001, 1001),), PORT, at_boot=True)
    undone = [a.undo if isinstance(a, Run) else ("remove", str(a.path)) for a in reversed(actions) if isinstance(a, Run | WriteFile)]
    assert [u for u in undone if u] == [
        ("systemctl", "disable", "--now", "safeguard-strict.service"),
        ("remove", str(strict.UNIT)),
        ("systemctl", "daemon-reload"),
        ("remove", str(strict.RULES)),
    ]
    tool = shutil.which("systemd-analyze")
    if tool is None or not Path("/usr/sbin/nft").exists():
        pytest.skip("systemd-analyze or nft is not installed")
    file = tmp_path / strict.UNIT.name
    file.write_text(strict.unit())
    done = subprocess.run([tool, "verify", "--man=no", str(file)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")

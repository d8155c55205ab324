"""The plan for a Linux PC, made for one that is not there: what it writes, as whom, in which order."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from dataclasses import replace
from pathlib import PurePath

import pytest

from safeguard.config import Settings
from safeguard.errors import InputError
from safeguard.guard.script import CHECK
from safeguard.policy import asking
from safeguard.policy.profile_file import parse
from safeguard.proxy import ca
from safeguard.setup import linux, told
from safeguard.setup.facts import Facts, Person
from safeguard.setup.plan import Account, CopyTree, Folder, Plan, Run, WriteFile
from safeguard.setup.program import Program
from safeguard.setup.services import Foreground, Systemd
from safeguard.system import browser_pac
from safeguard.system.paths import Paths

DOMAINS = ("social.test", "chorus.test")
FACTS = Facts(
    program=Program(((PurePath("/src/safeguard"), PurePath("lib/safeguard")),), PurePath("/usr/bin/python3.13"), own=False),
    domains=DOMAINS,
    authority=ca.issue(DOMAINS, dt.datetime.now(dt.UTC)),
    people=(Person("anna", 1000, PurePath("/home/anna")), Person("mum", 1001, PurePath("/home/mum"))),
    settings=Settings(),
    family=parse("profiles.yaml", b"", "young-child"),
    policies={},
    manager=Systemd(),
    installed=False,
)
CHOICES = linux.Choices("anna", "teen")


def actions[T](plan: Plan, kind: type[T]) -> list[T]:
    return [a for step in plan for a in step.actions if isinstance(a, kind)]


@pytest.mark.parametrize("manager", [Systemd(), Foreground()], ids=["systemd", "supervisor"])
def test_every_step_is_a_sentence_and_has_a_name_of_its_own(manager: Systemd | Foreground) -> None:
    plan = linux.plan(replace(FACTS, manager=manager), CHOICES)
    assert all(step.says.endswith(".") and step.actions for step in plan)
    assert len({step.id for step in plan}) == len(plan)
    for step in plan:
        assert all(told.lines(step))


def test_the_command_comes_first_and_the_program_next_so_that_they_go_last() -> None:
    plan = linux.plan(FACTS, CHOICES)
    assert [s.id for s in plan][:2] == ["command", "program"]
    assert isinstance(plan[1].actions[0], CopyTree)


def test_the_filter_starts_last() -> None:
    assert linux.plan(FACTS, CHOICES)[-1].id == "service"


def test_nothing_in_a_home_is_written_as_root() -> None:
    plan = linux.plan(FACTS, CHOICES)
    for action in (*actions(plan, WriteFile), *actions(plan, Folder)):
        assert not str(action.path).startswith("/home")
    assert "anna" in {a.account for a in actions(plan, Run)}


def test_what_is_the_services_is_nobody_elses() -> None:
    paths = Paths.of_system()
    plan = linux.plan(FACTS, CHOICES)
    for folder in actions(plan, Folder):
        knocks = folder.path == paths.door.parent  # where a parent's session must reach the socket
        assert (folder.owner, folder.mode, folder.ours) == ("safeguard", 0o755 if knocks else 0o700, True)
    inside = [f for f in actions(plan, WriteFile) if {paths.config, paths.state} & set(f.path.parents)]
    assert len(inside) == 5
    assert all(f.owner == "safeguard" for f in inside)
    [key] = [f for f in inside if b"PRIVATE KEY" in f.data]
    assert key.mode == 0o600


def test_no_key_is_written_or_shown_anywhere_else() -> None:
    plan = linux.plan(FACTS, CHOICES)
    assert len([f for f in actions(plan, WriteFile) if b"PRIVATE KEY" in f.data]) == 1
    assert "PRIVATE KEY" not in repr(plan)


def test_the_filter_has_an_account_of_its_own() -> None:
    assert [a.name for a in actions(linux.plan(FACTS, CHOICES), Account)] == ["safeguard"]


def test_the_childs_profile_is_in_the_file() -> None:
    [file] = [f for f in actions(linux.plan(FACTS, CHOICES), WriteFile) if f.path.name == "profiles.yaml"]
    assert parse("x", file.data, "young-child").accounts == {"anna": "teen"}


def test_an_older_filter_is_stopped_for_the_time_of_setup_alone() -> None:
    [stop] = [a for a in actions(linux.plan(replace(FACTS, installed=True), CHOICES), Run) if a.meanwhile]
    assert stop.command == ("systemctl", "stop", "safeguard.service")
    assert stop.undo == ("systemctl", "start", "safeguard.service")
    assert not [a for a in actions(linux.plan(FACTS, CHOICES), Run) if a.meanwhile]


def test_strict_mode_is_the_parents_choice_and_sends_everything_to_the_filter() -> None:
    plain, strict = linux.plan(FACTS, CHOICES), linux.plan(FACTS, replace(CHOICES, strict=True))
    assert [s.id for s in strict if s not in plain and s.id == "strict"] == ["strict"]
    [told] = [f for f in actions(strict, WriteFile) if f.path.name == "zz-safeguard.json" and "chromium/" in str(f.path)]
    assert browser_pac.all_url("127.0.0.1:8877").encode() in told.data
    assert "strict" not in {s.id for s in plain}


def test_javas_store_is_cleaned_where_there_is_one() -> None:
    def cleaned(facts: Facts) -> bool:
        return any(a.undo[:1] == ("keytool",) for a in actions(linux.plan(facts, CHOICES), Run))

    assert cleaned(replace(FACTS, java=True))
    assert not cleaned(FACTS)


def test_a_child_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(InputError, match="anna, mum"):
        linux.plan(FACTS, linux.Choices("ben", "teen"))


def test_a_profile_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError):
        linux.plan(FACTS, linux.Choices("anna", "no-such"))


@pytest.mark.parametrize("name", ["command", "bin/python", "bin/safeguard"])
def test_the_scripts_are_sound(name: str) -> None:
    plan = linux.plan(replace(FACTS, program=replace(FACTS.program, own=True, interpreter=PurePath("python/bin/python3.12"))), CHOICES)
    [tree] = actions(plan, CopyTree)
    scripts = {str(place): data for place, data, mode in tree.files if mode == 0o755}
    [command] = [s.actions[0] for s in plan if s.id == "command"]
    assert isinstance(command, WriteFile)
    scripts["command"] = command.data
    subprocess.run(["sh", "-n"], input=scripts[name], check=True)
    assert scripts[name].startswith(b"#!/bin/sh\n")


def test_an_interpreter_of_its_own_gets_its_library_path() -> None:
    from safeguard.setup.program import tree

    own = tree(replace(FACTS.program, own=True, interpreter=PurePath("python/bin/python3.12")), PurePath("/opt/safeguard"))
    files = {str(place): data for place, data, _ in own.files}
    assert b"LD_LIBRARY_PATH=/opt/safeguard/python/lib" in files["bin/python"]
    assert b"home = /opt/safeguard/python/bin\n" in files["pyvenv.cfg"]
    assert own.links == ((PurePath("bin/python3.12"), PurePath("/opt/safeguard/python/bin/python3.12")),)
    system = tree(FACTS.program, PurePath("/opt/safeguard"))
    assert b"LD_LIBRARY_PATH" not in {str(p): d for p, d, _ in system.files}["bin/python"]


@pytest.mark.parametrize(
    ("settings", "chosen", "lang"),
    [
        (Settings(), "", "en"),
        (Settings(), "hy", "hy"),
        (Settings(language="ru"), "", "ru"),
        (Settings(lang="tr", language="ru"), "hy", "tr"),
    ],
)
def test_the_child_has_a_bookmark_to_ask_for_a_check(settings: Settings, chosen: str, lang: str) -> None:
    plan = linux.plan(replace(FACTS, settings=settings), replace(CHOICES, language=chosen))
    files = {str(a.path): a.data for a in actions(plan, WriteFile)}
    bookmarks = [{"toplevel_name": "SafeGuard"}, {"name": asking.ASK[lang], "url": f"https://{DOMAINS[0]}{CHECK}"}]
    assert json.loads(files["/etc/chromium/policies/managed/zz-safeguard.json"])["ManagedBookmarks"] == bookmarks
    assert json.loads(files["/etc/firefox/policies/policies.json"])["policies"]["ManagedBookmarks"] == bookmarks

"""What a parent's session finds: entries that desktops can read, for that parent alone."""

from __future__ import annotations

import configparser
from dataclasses import replace
from pathlib import PurePath

import pytest

from safeguard.errors import InputError
from safeguard.setup import linux, session
from safeguard.setup.facts import Person
from safeguard.setup.plan import WriteFile
from safeguard.system.catalogue import LANGS
from tests.setup.test_linux import CHOICES, FACTS, actions

MUM, DAD = Person("mum", 1001, PurePath("/home/mum")), Person("sgt odd/..", 1002, PurePath("/home/dad"))


def read(file: WriteFile) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(file.data.decode())
    assert parser.sections() == ["Desktop Entry"]
    return parser["Desktop Entry"]


@pytest.mark.parametrize(("place", "does"), [(session.MENU, "open"), (session.AUTOSTART, "agent")])
@pytest.mark.parametrize("parent", [MUM, DAD], ids=["mum", "odd name"])
def test_an_entry_for_each_that_nobody_else_reads(place: PurePath, does: str, parent: Person) -> None:
    [file] = [f for f in session.entries([MUM, DAD], linux.COMMAND) if f.path.parent == place and f.owner == parent.name]
    assert (file.path.name, file.mode) == (f"safeguard-{parent.uid}.desktop", 0o600)
    entry = read(file)
    assert (entry["Type"], entry["Exec"], entry["Terminal"]) == ("Application", f"/usr/local/bin/safeguard {does}", "false")
    assert {"Name", *(f"Name[{lang}]" for lang in LANGS[1:])} <= set(entry)
    assert len({v for k, v in entry.items() if k.startswith("Name")}) == len(LANGS)
    assert ("NoDisplay" in entry) == (does == "agent")


@pytest.mark.parametrize(
    ("parents", "files"),
    [((), 0), (("mum",), 2), (("mum", "mum"), 2), (("mum", "dad"), 4)],
    ids=["nobody known", "one", "twice", "two"],
)
def test_in_the_plan(parents: tuple[str, ...], files: int) -> None:
    facts = replace(FACTS, people=(*FACTS.people, replace(DAD, name="dad")))
    plan = linux.plan(facts, replace(CHOICES, parents=parents))
    found = [f for f in actions(plan, WriteFile) if f.path.suffix == ".desktop"]
    assert len(found) == files
    assert {f.owner for f in found} == set(parents)
    assert ("sessions" in {s.id for s in plan}) == bool(files)


def test_never_in_the_childs_session() -> None:
    with pytest.raises(InputError, match="anna is the child"):
        linux.plan(FACTS, replace(CHOICES, parents=("mum", "anna")))

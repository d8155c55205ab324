"""`safeguard rules add | remove | enable | disable`: what is written holds at once, is linted, and can be taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result

from safeguard import wiring
from safeguard.config import Settings
from safeguard.errors import RuleError
from safeguard.matching.verdict import Level
from safeguard.pipeline import Pipeline
from safeguard.system.own_rules import FOLDER
from safeguard.system.paths import Paths
from safeguard.text.unit import Segment, TextUnit
from safeguard.watches import RuleWatch

Call = Callable[..., Result]
SMALL = {
    "inflection/en.yaml": 'kind: inflection\nlang: en\nclasses:\n  n: {sg: [""], pl: [s]}\n  v: {inf: [""]}\n',
    "lexicon/en.yaml": "kind: lexicon\nlang: en\nKILL: [kill/v]\nFUNC: [a, the, what, see, I, at]\n",
    "frames/core.yaml": "kind: frames\nframes:\n  - {id: some.rule, category: incitement, severity: 3, why: Why., all: [KILL, GROUP]}\n",
    "groups/people.yaml": """kind: groups
groups:
  - {id: armenians, kind: people, title: Armenians, names: {en: [Armenian/n]}}
  - {id: kurds, kind: people, title: Kurds, names: {en: [Kurd/n]}}
  - {id: azerbaijanis, kind: people, title: Azerbaijanis, names: {az: [azərbaycanlı]}}
  - {id: russians, kind: people, title: Russians, names: {ru: [русские]}}
  - {id: turks, kind: people, title: Turks, names: {en: [Turk/n]}}
  - {id: jews, kind: faith, title: Jews, names: {en: [Jew/n, jewish]}}
""",
}


@pytest.fixture(autouse=True)
def few_rules(ship: Callable[[dict[str, str]], None]) -> None:
    """A handful of shipped rules, which compile in no time."""
    ship(SMALL)


def level(text: str, author: str = "") -> Level:
    return wiring.build_engine(Settings()).check_many([TextUnit((Segment(text),), author=author)])[0].level


@pytest.mark.parametrize(
    ("args", "hit", "miss"),
    [
        (["zorblat"], "what a zorblat", "what a zorblatter"),
        (["zorbl*"], "what a zorblatter", "what a blatter"),
        (["purple  zorblat stew"], "I ate purple zorblat stew.", "I ate zorblat stew."),
        (["--regex", "zorb(lat|lit)s?"], "some zorblits", "some zorblots"),
        (["--fuzzy", "zorblatter"], "a zorblater here", "a blotter here"),
        (["#zorblat"], "see #zorblat", "see zorblat"),
        (["zorblat.example/page"], "at https://zorblat.example/page", "at https://zorblat.example/"),
    ],
    ids=lambda v: v[-1] if isinstance(v, list) else "",
)
def test_add_and_remove(call: Call, args: list[str], hit: str, miss: str) -> None:
    if args[0].startswith("zorblat.example"):
        args = ["--link", *args]
    done = call("rules", "add", *args)
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    assert "Take it back with: safeguard rules remove" in done.stdout
    assert (level(hit), level(miss)) == (Level.HARMFUL, Level.CLEAN)
    assert "already" in call("rules", "add", *args).stdout
    assert call("rules", "remove", args[-1]).exit_code == 0
    assert level(hit) is Level.CLEAN


def test_add_an_account(call: Call) -> None:
    assert call("rules", "add", "@zorblat_official").exit_code == 0
    assert level("good morning", "zorblat_official") is Level.HARMFUL
    assert level("good morning", "somebody") is Level.CLEAN


def test_allow_and_list_and_until(call: Call, paths: Paths) -> None:
    call("rules", "add", "zorblat", "--list", "school", "--until", "2099-01-31")
    assert level("a zorblat") is Level.HARMFUL
    call("rules", "add", "friendly zorblat", "--allow")
    assert level("a friendly zorblat") is Level.CLEAN
    assert {f.name for f in (paths.rules / FOLDER).iterdir()} == {"school-until-2099-01-31.yaml", "own-allow.yaml"}
    entries = [e for e in map(json.loads, call("rules", "list", "--json").stdout.splitlines()) if e["kind"] == "list"]
    assert [(e["id"], e["value"], e["action"], e["until"]) for e in entries] == [
        ("list.own", "friendly zorblat", "allow", ""),
        ("list.school", "zorblat", "hide", "2099-01-31"),
    ]
    assert "hides: word “zorblat”, until 2099-01-31" in call("rules", "list").stdout
    assert call("rules", "show", "list.school").stdout == "hides: word “zorblat”, until 2099-01-31\n"
    assert json.loads(call("rules", "show", "list.own", "--json").stdout) == entries[0]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--regex", "(zorb"], "no usable regular expression"),
        (["--regex", "((((a{100}){100}){100}){100}){100}"], "counted repeats"),
        (["zorblat", "--lang", "xx"], "the languages are"),
        (["--regex", "z*"], "would hide everything"),
        (["..."], "no word in it"),
        ([""], "no word in it"),
        (["a*"], "give at least three letters"),
        (["--link", "/"], "at least four characters and a dot"),
        (["--account", "@"], "has a name"),
        (["zor\x1bblat"], "control characters"),
        (["zor\u202eblat"], "control characters"),
        (["z" * 501], "more than 500"),
        (["zorblat", "--until", "soon"], "written like"),
        (["zorblat", "--until", "2001-01-01"], "is over already"),
        (["zorblat", "--list", "../x"], "small letters"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_what_is_refused_is_not_written(call: Call, paths: Paths, args: list[str], says: str) -> None:
    done = call("rules", "add", *args)
    assert done.exit_code == 2
    assert says in done.stderr
    assert not (paths.rules / FOLDER).exists()


@pytest.mark.parametrize(
    "args",
    [["Armenian"], ["kurd*"], ["azərbaycanlı"], ["--phrase", "Русские"], ["--regex", "\\bturks?\\b"], ["--fuzzy", "jewish"]],
    ids=lambda a: a[-1],
)
def test_the_bare_name_of_a_group_is_warned_of(call: Call, args: list[str]) -> None:
    done = call("rules", "add", *args)
    assert done.exit_code == 0
    assert "warning: this hides the bare name of a group" in done.stderr


@pytest.mark.parametrize("args", [["Armenian", "--allow"], ["--account", "@armenian"], ["dirty zorblat Armenian"]], ids=lambda a: a[0])
def test_what_hides_no_bare_name_is_not_warned_of(call: Call, args: list[str]) -> None:
    assert call("rules", "add", *args).stderr == ""


def test_disable_and_enable(call: Call) -> None:
    rule = json.loads(call("rules", "list", "--json").stdout.splitlines()[0])["id"]
    assert call("rules", "disable", rule).exit_code == 0
    assert call("rules", "disable", rule).stdout == f"{rule} is off already.\n"
    listed = [json.loads(line) for line in call("rules", "list", "--json").stdout.splitlines()]
    assert [e["kind"] for e in listed if e["id"] == rule] == ["disabled"]
    assert rule not in {f.id for f in wiring.compiled_rules(Settings()).frames}
    assert call("rules", "enable", rule).exit_code == 0
    assert call("rules", "enable", rule).stdout == f"{rule} is on already.\n"
    assert rule in {f.id for f in wiring.compiled_rules(Settings()).frames}


def test_a_last_day_for_a_list_or_a_rule(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    call("rules", "add", "zorblat", "--list", "school")
    call("rules", "add", "frobnicator", "--list", "school", "--until", "2099-01-30")
    done = call("rules", "enable", "list.school", "--until", "2099-01-31")
    assert done.stdout.startswith("list.school is on, until 2099-01-31.")
    assert level("a zorblat") is Level.HARMFUL
    assert "its last day: 2099-01-31" in call("rules", "list").stdout

    class Later(date):
        @classmethod
        def today(cls) -> date:
            return date(2099, 2, 1)

    monkeypatch.setattr("safeguard.wiring.date", Later)
    monkeypatch.setattr("safeguard.system.own_entry.date", Later)
    assert level("a zorblat") is Level.CLEAN
    assert level("a frobnicator") is Level.CLEAN
    listed = call("rules", "list").stdout
    assert listed.count("has ended") == 2
    found = [json.loads(line) for line in call("rules", "list", "--json").stdout.splitlines()]
    assert [(e["id"], e["kind"], e["until"]) for e in found if e.get("ended")] == [
        ("list.school", "list", "2099-01-30"),
        ("list.school", "until", "2099-01-31"),
    ]
    assert call("rules", "enable", "list.school").exit_code == 0  # for ever again
    assert level("a zorblat") is Level.HARMFUL
    assert call("rules", "enable", "list.school", "--until", "2099-01-31").exit_code == 2
    assert call("rules", "enable", "no.such", "--until", "2199-01-31").exit_code == 2


@pytest.mark.parametrize("command", ["enable", "disable"])
def test_an_unknown_rule(call: Call, command: str) -> None:
    done = call("rules", command, "no.such")
    assert (done.exit_code, done.stderr) == (2, "no rule 'no.such'; `safeguard rules list` lists them\n")


def test_files_written_by_hand_are_never_changed(call: Call, paths: Paths) -> None:
    paths.rules.mkdir(parents=True)
    mine = paths.rules / "mine.yaml"
    mine.write_text("kind: list\nid: mine\nwords:\n  - zorblat  # a note\n")
    before = mine.read_bytes()
    call("rules", "add", "blorzat")
    done = call("rules", "remove", "zorblat")
    assert done.exit_code == 2
    assert f"it stands in {mine}:4" in done.stderr
    assert mine.read_bytes() == before


def test_own_rules_need_no_examples(call: Call, paths: Paths) -> None:
    paths.rules.mkdir(parents=True)
    frame = "{id: own.one, category: derogation, severity: 1, why: Ours., all: [KILL, GROUP]}"
    (paths.rules / "mine.yaml").write_text(f"kind: frames\nframes:\n  - {frame}\n")
    assert str(paths.rules) not in call("rules", "lint").stdout


def test_a_running_filter_takes_it_up(call: Call, paths: Paths) -> None:
    running = Pipeline(wiring.build_engine(Settings()), wiring.load_sites(Settings()), b"key")
    watch = RuleWatch(Settings(), running)
    unit = TextUnit.of("what a zorblat")
    call("rules", "add", "zorblat")
    assert "read again" in watch.poll()
    assert running.engine.check_many([unit])[0].level is Level.HARMFUL
    call("rules", "remove", "zorblat")
    watch.poll()
    assert running.engine.check_many([unit])[0].level is Level.CLEAN


def test_an_entry_holds_to_its_last_day(call: Call) -> None:
    call("rules", "add", "zorblat", "--until", date.today().isoformat())
    assert level("a zorblat") is Level.HARMFUL


def test_an_entry_more_compiles_no_lexicon_again(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    call("rules", "add", "zorblat")
    kept = wiring.compiled_rules(Settings())

    def broken(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("safeguard.ruleset.compiler.compile_rules", broken)
    call("rules", "add", "blorzat", "--until", "2099-01-31")
    made = wiring.compiled_rules(Settings())
    assert {e.value for e in made.lists} == {"zorblat", "blorzat"}
    assert made.frames == kept.frames
    assert made.version != kept.version


def test_a_list_that_is_off_stays_off(call: Call) -> None:
    call("rules", "add", "zorblat")
    call("rules", "disable", "list.own")
    assert level("a zorblat") is Level.CLEAN
    call("rules", "enable", "list.own")
    assert level("a zorblat") is Level.HARMFUL


def test_every_problem_is_said_wherever_it_stands(call: Call, paths: Paths) -> None:
    paths.rules.mkdir(parents=True)
    (paths.rules / "a.yaml").write_text("kind: list\nid: mine\nwords: [zorblat]\nregex: ['(']\n")
    (paths.rules / "b.yaml").write_text("kind: overrides\ndisable: [no.such]\n")
    with pytest.raises(RuleError) as caught:
        wiring.compiled_rules(Settings())
    assert [Path(p.file).name for p in caught.value.problems] == ["a.yaml", "b.yaml"]

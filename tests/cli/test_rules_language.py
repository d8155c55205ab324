"""What rules, groups and sites say of themselves, and what is wrong in a rule file, in the parent's language; for scripts in English."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from safeguard import language, wiring
from safeguard.config import Settings
from safeguard.language import LANGS
from safeguard.matching.verdict import Category, Level, Reason
from safeguard.policy.incident import Incident
from safeguard.ruleset.model import CompiledRules
from safeguard.ruleset.parser import parse
from safeguard.system import catalogue, rule_words
from safeguard.system.packs import Packs
from safeguard.system.paths import Paths
from tests.cli.conftest import Call

OTHERS = LANGS[1:]
TEXT = "kill all Armenians"
RULE = "incitement.ought-kill"
IN_EACH = pytest.mark.parametrize("lang", OTHERS)


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    language.speak(language.ENGLISH)


def compiled() -> CompiledRules:
    return wiring.compiled_rules(Settings())


def said(lang: str, english: str) -> str:
    """In the language, by the shipped catalogue; that it has one is asked by tests/test_rules_messages."""
    found = rule_words.words(lang, Packs(Path("none")))[english]
    assert found != english
    return found


@IN_EACH
def test_check_says_why_and_against_whom(call: Call, lang: str) -> None:
    found = json.loads(call("check", TEXT, "--json").output)
    why = compiled().whys[found["reasons"][0]["rule"]]
    assert why in call("check", TEXT).output
    catalogue.speak(lang)
    answer = call("check", TEXT)
    assert answer.exit_code == 1
    assert said(lang, why) in answer.output
    assert said(lang, "Armenians") in answer.output.splitlines()[0]
    assert why not in answer.output
    assert json.loads(call("check", TEXT, "--json").output) == found


@IN_EACH
def test_rules_are_listed_and_shown(call: Call, lang: str) -> None:
    why, off = compiled().whys[RULE], compiled().contexts[0].why
    catalogue.speak(lang)
    shown = call("rules", "show", RULE).output
    assert said(lang, why) in shown.splitlines()[1]
    listed = call("rules", "list").output
    assert said(lang, why)[:40] in listed
    assert said(lang, off)[:40] in listed
    scripts = [json.loads(line) for line in call("rules", "list", "--json").output.splitlines()]
    assert {"why": why}.items() <= next(r for r in scripts if r["id"] == RULE).items()


def test_what_a_family_wrote_is_said_as_it_is(call: Call, paths: Paths) -> None:
    paths.rules.mkdir(parents=True)
    (paths.rules / "ours.yaml").write_text(
        "kind: frames\nframes:\n  - {id: own.rule, category: threat, severity: 1, why: Our own reason., all: [KILL, THREAT]}\n"
    )
    catalogue.speak("hy")
    assert call("rules", "show", "own.rule").output.splitlines()[1] == "Our own reason."


@IN_EACH
def test_an_entry_of_the_log(call: Call, lang: str) -> None:
    store = wiring.open_store(Settings())
    reason = Reason(RULE, Category.INCITEMENT, 3, 1.5, 0, 0, 4, ("kill",), Level.HARMFUL)
    store.add(
        Incident("K7Q2", "unit", "x", "https://x.test", "block", "incitement", 3, 1.5, "armenians", RULE, "@one", "post", "text", (reason,))
    )
    store.flush()
    store.close()
    why = compiled().whys[RULE]
    catalogue.speak(lang)
    shown = call("log", "show", "K7Q2").output
    assert said(lang, why) in shown
    assert said(lang, compiled().groups["armenians"].title) in shown
    assert said(lang, compiled().groups["armenians"].title) in call("log", "stats", "--by", "group").output
    assert json.loads(call("log", "show", "K7Q2", "--json").output)["group"] == "armenians"
    assert json.loads(call("log", "stats", "--json").output)["group"][0]["name"] == "armenians"


@IN_EACH
def test_what_of_a_site_is_not_read(call: Call, lang: str) -> None:
    profile = next(p for p in wiring.load_sites(Settings()).profiles if p.name == "discord")
    catalogue.speak(lang)
    shown = call("status").output
    assert catalogue.messages(lang)["not read: %(what)s"] % {"what": said(lang, profile.not_covered)} in shown
    assert "not read" not in shown
    site = next(s for s in json.loads(call("status", "--json").output)["sites"] if s["site"] == "discord")
    assert f"not read: {profile.not_covered}" in site["why"]


BROKEN = """kind: frames
frames:
  - {id: one, category: no-such, severity: 7, why: 5, all: [GROUP], gap: wide}
  - {id: two, category: slur, severity: 1, all: ["no meaning"], scope: nowhere, more: 1}
"""


@IN_EACH
def test_what_is_wrong_in_a_rule_file(call: Call, tmp_path: Path, lang: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(BROKEN)
    english = call("rules", "lint", str(file)).output
    catalogue.speak(lang)
    answer = call("rules", "lint", str(file))
    assert answer.exit_code == 1
    spoken = catalogue.messages(lang)
    assert spoken["severity must be 1, 2 or 3"] in answer.output
    assert spoken["%(key)s must be a whole number"] % {"key": "'gap'"} in answer.output
    assert spoken["%(text)s is no MEANING[:tag|tag][!tag]"] % {"text": "'no meaning'"} in answer.output
    ours, theirs = english.splitlines(), answer.output.splitlines()
    assert len(ours) == len(theirs) > 8
    assert not set(ours) & set(theirs)


@pytest.mark.parametrize(
    "text",
    [
        "kind: lexicon\nlang: xx\nKILL: [k/none, '/v', '<GROUP!sg> a', '(a)']\nlow: [a]\nBAD: [5, {}]\n",
        "kind: inflection\nlang: en\nclasses: {v: [a], n: {'(': ['(((']}}\nprefixes: {v: 5}\n",
        "kind: groups\ngroups:\n  - {id: a, kind: none, title: A, names: {xx: [pl]}}\n  - {id: a, kind: people, title: A}\n  - 5\n",
        "kind: contexts\ncontexts:\n  - {id: c, why: w, any: [[KILL]], off: [nothing], weaken: much}\n",
        "kind: examples\nlang: en\nexamples: {some.rule: 5, other.rule: {hit: [a], more: [b]}}\n",
        "kind: list\nid: l\naction: jump\nexpires: soon\nlinks: [nodot]\nwords: ['!!!']\nregex: ['(', 'a*']\n",
        "kind: overrides\ndisable: [no.rule]\nscore: {no.rule: high}\n",
        "kind: shapes\nshapes: {en: {'(': [none]}}\n",
        "kind: weights\nnear: a\ncategories: {none: 1}\ntraits: {none: 1}\nweights: {KILL: 5, HARM: [1, 1, none]}\n",
        "kind: tone\nfound: {none: 1}\n",
        "kind: words\nlang: en\nwords: {none: {}, slur: {much: [a], 1: [a a]}}\n",
        "kind: nothing\n",
        "- a list\n",
    ],
    ids=lambda text: text.partition("\n")[0],
)
def test_no_kind_of_file_has_errors_in_english(text: str) -> None:
    """Beside names, and what the libraries say of broken patterns."""
    english = [p.what for p in wiring.lint_named([("mine.yaml", text.encode())])]
    catalogue.speak("ru")
    spoken = [p.what for p in wiring.lint_named([("mine.yaml", text.encode())])]
    assert len(english) == len(spoken) > 0
    assert not set(english) & set(spoken)
    assert parse([("mine.yaml", text.encode())]).problems

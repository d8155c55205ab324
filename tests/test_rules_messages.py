"""What rules, groups and sites say of themselves stands in every catalogue beside them, none that they no longer say, each whole."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from safeguard.config import Settings
from safeguard.formats.sites import parser as sites
from safeguard.language import LANGS
from safeguard.ruleset.model import TONE
from safeguard.ruleset.parser import parse
from safeguard.system.paths import Paths
from safeguard.wiring import compiled_rules, load_sites

ROOT = Path(__file__).parent.parent
RULES = ROOT / "rules"
OTHERS = LANGS[1:]


@cache
def compiled_whys() -> dict[str, str]:
    return compiled_rules(Settings(), paths=Paths.of_user()).whys


@cache
def said() -> dict[str, list[str]]:
    """English -> the rule files that say it, in their order: reasons, titles of groups, and what sites' profiles do not cover."""
    found: dict[str, list[str]] = {}
    for path in sorted(RULES.rglob("*.yaml")):
        name, data = path.relative_to(ROOT).as_posix(), path.read_bytes()
        if path.parent.name == "sites":
            texts = [sites.parse(name, data).not_covered]
        elif path.name == "tone.yaml":
            texts = [compiled_whys()[TONE]]
        else:
            raw = parse([(name, data)])
            texts = [r.why for r in (*raw.frames.values(), *raw.contexts.values())] + [g.title for g in raw.groups.values()]
        for text in dict.fromkeys(filter(None, texts)):
            found.setdefault(text, []).append(name)
    return found


@cache
def catalogue(lang: str) -> Catalog:
    with (RULES / "locale" / f"{lang}.po").open("rb") as file:
        return read_po(file, locale=lang, abort_invalid=True)


@cache
def kept(lang: str) -> dict[str, str]:
    return {str(m.id): str(m.string) for m in catalogue(lang) if m.id}


@cache
def titles() -> frozenset[str]:
    return frozenset(compiled_rules(Settings(), paths=Paths.of_user()).titles.values())


def test_all_that_can_be_shown_is_looked_for() -> None:
    uncovered = {p.not_covered for p in load_sites(Settings()).profiles if p.not_covered}
    assert {*compiled_whys().values(), *titles(), *uncovered} == said().keys()
    assert len(said()) > 500


@pytest.mark.parametrize("lang", OTHERS)
def test_none_is_missing(lang: str) -> None:
    missing = [f"{files[0]}: {text}" for text, files in said().items() if not kept(lang).get(text)]
    assert not missing, f"not in rules/locale/{lang}.po:\n" + "\n".join(missing)


@pytest.mark.parametrize("lang", OTHERS)
def test_none_is_stale(lang: str) -> None:
    assert not kept(lang).keys() - said().keys(), "no longer said by any rule"
    assert not catalogue(lang).obsolete
    assert not [m.id for m in catalogue(lang) if m.id and m.fuzzy]


@pytest.mark.parametrize("lang", OTHERS)
def test_none_stands_twice(lang: str) -> None:
    ids = re.findall(r'^msgid (".*?"(?:\n".*?")*)$', (RULES / "locale" / f"{lang}.po").read_text(), re.M)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("lang", OTHERS)
def test_the_files_that_say_it_stand_beside_it(lang: str) -> None:
    """So that who changes a rule finds its translations by the file's name."""
    for m in catalogue(lang):
        if m.id:
            assert [file for file, _ in m.locations] == said()[str(m.id)], m.id


ASIDE = re.compile(r"`[^`]+`|https?://\S+|\b\w+\.yaml\b")
"""What is typed or looked up, the same in every language."""


@pytest.mark.parametrize("lang", OTHERS)
def test_what_is_typed_stays(lang: str) -> None:
    for english, text in kept(lang).items():
        assert sorted(ASIDE.findall(english)) == sorted(ASIDE.findall(text)), english


@pytest.mark.parametrize("lang", OTHERS)
def test_words_that_a_rule_looks_for_stay_as_they_are(lang: str) -> None:
    """`(gerek, şart)`, `(обезьяны из …)`: words of a text, which no language translates."""
    for english, text in kept(lang).items():
        lost = [word for word in re.findall(r"[^\W\d_]+", english) if not word.isascii() and word not in text]
        assert not lost, english


@pytest.mark.parametrize("lang", OTHERS)
def test_it_is_another_language(lang: str) -> None:
    letters = {"hy": r"[ա-և]", "ru": r"[а-я]"}.get(lang, r"[a-zçğıöşüə]")
    for english, text in kept(lang).items():
        assert text != english, f"{lang}: still English"
        assert re.search(letters, text, re.I), text
        assert text == text.strip(), text


@pytest.mark.parametrize("lang", OTHERS)
def test_no_two_groups_have_one_title(lang: str) -> None:
    """A parent could not tell whom a text was against."""
    said_of = [kept(lang)[title] for title in titles()]
    assert len(said_of) == len(set(said_of)), sorted(t for t in said_of if said_of.count(t) > 1)


@pytest.mark.parametrize("lang", OTHERS)
def test_the_same_word_for_the_same_thing(lang: str) -> None:
    """The head of each catalogue has a glossary."""
    assert "Glossary" in (RULES / "locale" / f"{lang}.po").read_text().partition("msgid")[0]


def test_no_catalogue_of_a_language_that_nobody_chooses() -> None:
    assert {p.name for p in (RULES / "locale").iterdir()} == {f"{lang}.po" for lang in OTHERS}

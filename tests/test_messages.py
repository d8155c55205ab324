"""Every message stands in every catalogue, none that is no longer said, and each with the same places for values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from safeguard.system.catalogue import LANGS, LOCALE, messages

ROOT = Path(__file__).parent.parent / "safeguard"
WHERE = [("web/**.py", "python"), ("web/templates/**.html", "jinja2.ext:babel_extract")]
"""Where messages are said by gettext until now."""
OTHERS = LANGS[1:]


def said() -> Iterator[tuple[str, str]]:
    """(place, message) of every message in the code and the templates."""
    for file, line, message, _, _ in extract_from_dir(ROOT, method_map=WHERE, keywords={"_": None, "N_": None}):
        assert isinstance(message, str), f"{file}:{line}: not a plain message"
        yield f"{file}:{line}", message


SAID = {message: place for place, message in said()}


def catalogue(lang: str) -> Catalog:
    with (LOCALE / lang / "messages.po").open("rb") as file:
        return read_po(file, locale=lang, abort_invalid=True)


def test_there_are_messages() -> None:
    assert len(SAID) > 80
    assert {"Review", "Sign in", "This was refused."} <= SAID.keys()


@pytest.mark.parametrize("lang", OTHERS)
def test_none_is_missing(lang: str) -> None:
    missing = [f"{place}: {message}" for message, place in SAID.items() if message not in messages(lang)]
    assert not missing, f"not in safeguard/locale/{lang}/messages.po: {missing}"


@pytest.mark.parametrize("lang", OTHERS)
def test_none_is_stale(lang: str) -> None:
    found = [m for m in catalogue(lang) if m.id]
    assert {str(m.id) for m in found} <= SAID.keys(), "no longer said anywhere"
    assert not catalogue(lang).obsolete
    assert not [m.id for m in found if m.fuzzy or not m.string]


@pytest.mark.parametrize("lang", OTHERS)
def test_the_values_have_their_places(lang: str) -> None:
    for english, message in messages(lang).items():
        assert sorted(re.findall(r"%\(\w+\)s|%", english)) == sorted(re.findall(r"%\(\w+\)s|%", message)), english


@pytest.mark.parametrize("lang", OTHERS)
def test_it_is_another_language(lang: str) -> None:
    same = [m for m, said in messages(lang).items() if m == said]
    assert set(same) <= {"Site"} | ({"profile"} & set(same)), f"{lang}: still English"
    letters = {"hy": r"[ա-և]", "ru": r"[а-я]"}.get(lang, r"[a-zçğıöşüə]")
    assert all(re.search(letters, said, re.I) for said in messages(lang).values())


def test_no_catalogue_of_a_language_that_nobody_chooses() -> None:
    assert {p.name for p in LOCALE.iterdir()} == set(OTHERS)


@pytest.mark.parametrize("file", sorted((ROOT / "web" / "templates").glob("*.html")), ids=lambda p: p.name)
def test_templates_say_nothing_untranslated(file: Path) -> None:
    """What is left of a template without tags, expressions and code is our name at most."""
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", file.read_text(), flags=re.S)
    text = re.sub(r"<code>.*?</code>|<!.*?>|<[^>]*>", " ", text, flags=re.S)
    assert not re.findall(r"[^\W\d_]{2,}", text.replace("SafeGuard", "")), "say it by _()"


def test_the_code_says_by_a_constant() -> None:
    """say(variable) is fine where the variable's values are marked by N_; a formatted text can be in no catalogue."""
    for path in (ROOT / "web").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("say", "speech.say", "N_"):
                assert not isinstance(node.args[0], ast.JoinedStr), f"{path.name}:{node.lineno}"

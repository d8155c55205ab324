"""Every message stands in every catalogue, none that is no longer said, and each with the same places for values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from safeguard.cli import COMMANDS, app, speech
from safeguard.language import LANGS
from safeguard.system.catalogue import LOCALE, words

ROOT = Path(__file__).parent.parent / "safeguard"
WHERE = [("web/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
KEYWORDS = {"_": None, "N_": None, "n_": (1, 2)}
OTHERS = LANGS[1:]
PLACE = re.compile(r"%\(\w+\)s|\{\w+(?:!r)?\}|%")
SPOKEN = re.compile(r"[^\W\d_]{2,}")

Message = str | tuple[str, str]


HELP_IN_ENGLISH = ("filter",)
"""A command for scripts alone."""


def commands(command: click.Command) -> Iterator[click.Command]:
    """The command and all below it whose help is in all languages."""
    yield command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            if command is app and name in HELP_IN_ENGLISH:
                continue
            below = command.get_command(click.Context(command), name)
            assert below is not None
            yield from commands(below)


def helps() -> Iterator[tuple[str, str]]:
    """(command, message) of every paragraph of help and every option's help."""
    for command in commands(app):
        for paragraph, is_words in speech.paragraphs(command.help or ""):
            if is_words and paragraph:
                yield f"safeguard … {command.name} --help", paragraph
        for param in command.params:
            if isinstance(param, click.Option) and param.help:
                yield f"safeguard … {command.name} --help", param.help


def said() -> Iterator[tuple[str, Message]]:
    """(place, message) of every message in the code, the templates and the help; of what is counted both forms."""
    for file, line, message, _, _ in extract_from_dir(ROOT, method_map=WHERE, keywords=KEYWORDS):
        yield f"{file}:{line}", message
    yield from helps()


SAID = {message: place for place, message in said()}


@cache
def catalogue(lang: str) -> Catalog:
    with (LOCALE / lang / "messages.po").open("rb") as file:
        return read_po(file, locale=lang, abort_invalid=True)


@cache
def kept(lang: str) -> dict[Message, tuple[str, ...]]:
    """Message -> its forms in the language."""
    return {
        m.id if isinstance(m.id, str) else (m.id[0], m.id[1]): (m.string,) if isinstance(m.string, str) else tuple(m.string)
        for m in catalogue(lang)
        if m.id
    }


def test_there_are_messages() -> None:
    assert len(SAID) > 500
    assert {"Review", "Sign in", "Which profile?", "Print JSON, for scripts.", COMMANDS["open"][1]} <= SAID.keys()
    assert ("%(n)s entry", "%(n)s entries") in SAID


@pytest.mark.parametrize("lang", OTHERS)
def test_none_is_missing(lang: str) -> None:
    missing = [f"{place}: {message}" for message, place in SAID.items() if not all(kept(lang).get(message, ("",)))]
    assert not missing, f"not in safeguard/locale/{lang}/messages.po:\n" + "\n".join(missing)


@pytest.mark.parametrize("lang", OTHERS)
def test_none_is_stale(lang: str) -> None:
    assert not kept(lang).keys() - SAID.keys(), "no longer said anywhere"
    assert not catalogue(lang).obsolete
    assert not [m.id for m in catalogue(lang) if m.id and m.fuzzy]


@pytest.mark.parametrize("lang", OTHERS)
def test_none_stands_twice(lang: str) -> None:
    ids = re.findall(r'^msgid ("(?:.*?)"(?:\n".*?")*)$', (LOCALE / lang / "messages.po").read_text(), re.M)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("lang", OTHERS)
def test_the_values_have_their_places(lang: str) -> None:
    for english, forms in kept(lang).items():
        places = sorted(PLACE.findall(english if isinstance(english, str) else english[1]))
        for form in forms:
            assert sorted(PLACE.findall(form)) == places, english


@pytest.mark.parametrize("lang", OTHERS)
def test_commands_stay_as_they_are_typed(lang: str) -> None:
    for english, forms in kept(lang).items():
        for typed in re.findall(r"`[^`]+`|--[a-z][a-z-]+", english if isinstance(english, str) else english[1]):
            assert all(typed in form for form in forms), (english, typed)


SAME = {"Site", "site", "profile", "PIN", "port %(number)s: %(who)s"}
"""Words that a language may share with English."""


@pytest.mark.parametrize("lang", OTHERS)
def test_it_is_another_language(lang: str) -> None:
    letters = {"hy": r"[ա-և]", "ru": r"[а-я]"}.get(lang, r"[a-zçğıöşüə]")
    for english, forms in kept(lang).items():
        assert forms[0] != english or english in SAME, f"{lang}: still English: {english}"
        assert forms[0] in SAME or all(re.search(letters, PLACE.sub("", form), re.I) for form in forms), forms


@pytest.mark.parametrize("lang", OTHERS)
def test_what_is_counted_has_all_forms(lang: str) -> None:
    for number in range(201):
        assert 0 <= words(lang).form(number) < catalogue(lang).num_plurals
    assert all(len(forms) == catalogue(lang).num_plurals for m, forms in kept(lang).items() if isinstance(m, tuple))


@pytest.mark.parametrize("lang", OTHERS)
def test_the_same_word_for_the_same_thing(lang: str) -> None:
    """The head of each catalogue has a glossary."""
    assert "Glossary" in (LOCALE / lang / "messages.po").read_text().partition("msgid")[0]


def test_no_catalogue_of_a_language_that_nobody_chooses() -> None:
    assert {p.name for p in LOCALE.iterdir()} == set(OTHERS)


@pytest.mark.parametrize("file", sorted((ROOT / "web" / "templates").glob("*.html")), ids=lambda p: p.name)
def test_templates_say_nothing_untranslated(file: Path) -> None:
    """What is left of a template without tags, expressions and code is our name at most."""
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", file.read_text(), flags=re.S)
    text = re.sub(r"<code>.*?</code>|<!.*?>|<[^>]*>", " ", text, flags=re.S)
    assert not SPOKEN.findall(text.replace("SafeGuard", "")), "say it by _()"


def calls(path: Path) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def test_the_code_says_by_a_constant() -> None:
    """_(variable) is fine where the variable's values are marked by N_; a formatted text can be in no catalogue."""
    for path in ROOT.rglob("*.py"):
        for call, name in calls(path):
            if name in ("_", "N_", "n_") or (name in ("say", "speech.say") and "web" in path.parts):
                assert not isinstance(call.args[0], ast.JoinedStr | ast.BinOp), f"{path}:{call.lineno}"


def test_nothing_else_is_called_as_what_says() -> None:
    """`for _ in …` in a function that says something would take `_` from it."""
    for path in ROOT.rglob("*.py"):
        tree = ast.parse(path.read_text())
        if any(isinstance(n, ast.ImportFrom) and n.module == "safeguard.language" for n in ast.walk(tree)):
            stored = [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "_" and isinstance(n.ctx, ast.Store)]
            assert not stored, f"{path}: {stored}"


PRINTS = ("click.echo", "say", "outside", "Text", "click.confirm", "click.prompt", "table.add_column", "out.print", "print")
RAISES = re.compile(r"(?:\w+Error|click\.(?:UsageError|BadParameter))$")
ENGLISH = {
    "filter.py": "for scripts alone",
}
"""Files that still speak English, and why."""


def spoken_bare(node: ast.expr) -> Iterator[str]:
    """Words in a literal that is not in _()."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from (w for w in SPOKEN.findall(re.sub(r"https?://|`[^`]*`", "", node.value)))
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from spoken_bare(part.value if isinstance(part, ast.FormattedValue) else part)
    elif isinstance(node, ast.IfExp):
        yield from (*spoken_bare(node.body), *spoken_bare(node.orelse))
    elif isinstance(node, ast.BinOp | ast.BoolOp):
        for part in node.values if isinstance(node, ast.BoolOp) else (node.left, node.right):
            yield from spoken_bare(part)
    elif isinstance(node, ast.Call) and ast.unparse(node.func) in (*PRINTS, "safe"):
        yield from (w for a in node.args[:1] for w in spoken_bare(a))


@pytest.mark.parametrize("path", sorted((ROOT / "cli").glob("*.py")), ids=lambda p: p.name)
def test_commands_say_nothing_untranslated(path: Path) -> None:
    found = [
        f"{path.name}:{call.lineno}: {' '.join(bare)}"
        for call, name in calls(path)
        if (name in PRINTS or RAISES.search(name)) and (bare := [w for a in call.args[:1] for w in spoken_bare(a)])
    ]
    if path.name in ENGLISH:
        assert found, "it speaks all languages now; take it out of ENGLISH"
    else:
        assert not found


TELLS = re.compile(r"(?:\w+Error|NotPrivate|Problem|Kept|Base|say|tell|self\._?say|.*\.(?:problem|wrong))$")
NOT_TO_PARENTS = re.compile(
    r"(?:OS|Assertion|Value|Type|Key|Connection|Timeout|Database|ResponseProtocol|Options|NoWay|Browser)Error$|exceptions\."
)
"""Caught before anybody reads them."""
ENGLISH_ERRORS = {
    "cli/filter.py": "for scripts alone",
    "cli/update.py": "names of a pack's rules in an assertion of the publisher",
    "proxy/ca.py": "no parent meets a certificate for what is not watched",
    "system/browser_nss.py": "what certutil says",
    "web/app.py": "an error of ours",
}
"""Files that still speak English, and why."""


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_errors_say_nothing_untranslated(path: Path) -> None:
    found = [
        f"{call.lineno}: {' '.join(bare)}"
        for call, name in calls(path)
        if TELLS.match(name) and not NOT_TO_PARENTS.match(name)
        for a in call.args
        if (bare := [*spoken_bare(a)])
    ]
    if str(path.relative_to(ROOT)) in ENGLISH_ERRORS:
        assert found, "it speaks all languages now; take it out of ENGLISH_ERRORS"
    else:
        assert not found

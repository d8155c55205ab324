"""Help lines: what the shipped file says, what is said to a child, and numbers that are known again whatever stands around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.errors import RuleError
from safeguard.policy.help import LANGS, Help, parse
from safeguard.policy.notice import NOTICES, code_in, notice, with_help
from safeguard.system import shipped

SHIPPED = parse([("rules/help/lines.yaml", (shipped.rules() / "help" / "lines.yaml").read_bytes())])
WORDS = "words:\n  e: {en: a, ru: b, tr: c, az: d, hy: e}\n"


@pytest.mark.parametrize(
    ("lang", "country", "said"),
    [
        ("en", "", "Get help: 112 (emergency)."),
        ("hy", "", "Օգնություն՝ 112 (շտապ օգնություն), 911 (շտապ օգնություն)։"),
        ("az", "", "Kömək: 116 111 (uşaq qaynar xətti), 112 (təcili yardım)."),
        ("tr", "", "Yardım: 183 (ALO sosyal destek hattı), 112 (acil durum)."),
        ("ru", "", "Помощь: 8-800-2000-122 (детский телефон доверия), 112 (экстренная помощь)."),
        ("ru", "am", "Помощь: 112 (экстренная помощь), 911 (экстренная помощь)."),
        ("en", "zz", "Get help: 112 (emergency)."),
    ],
)
def test_what_a_child_reads(lang: str, country: str, said: str) -> None:
    assert SHIPPED.said(lang, country) == said


def test_the_familys_own_come_first() -> None:
    assert SHIPPED.said("en", "ge", ("Grandma: 010 123456",)) == "Get help: Grandma: 010 123456, 112 (emergency)."
    assert Help().said("en") == ""


@pytest.mark.parametrize("lang", LANGS)
def test_every_country_can_be_said_in_every_language_and_fits_a_notice(lang: str) -> None:
    for country in SHIPPED.countries:
        said = SHIPPED.said(lang, country, ("x" * 60,) * 10)
        assert code_in(with_help(notice("threat", "AB2C-DE7F", lang), said)) == "AB2C-DE7F"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("call 116 111 now", ("116 111",)),
        ("call 116111", ("116 111",)),
        ("116-111 or 112!", ("112", "116 111")),
        ("8 (800) 2000-122", ("8-800-2000-122",)),
        ("Call Grandma 010123456", ("010 123456",)),
        ("1161112", ()),
        ("in 2112 and 0112", ()),
        ("no number", ()),
        ("112" * 1000, ()),
    ],
)
def test_numbers_are_known_again(text: str, numbers: tuple[str, ...]) -> None:
    assert tuple(n for n in SHIPPED.kept(text, ("Grandma: 010 123456",))) == numbers


@pytest.mark.parametrize("lang", NOTICES)
def test_a_notice_keeps_its_form(lang: str) -> None:
    for said in (notice("slur", "AB2C-DE7F", lang),):
        made = with_help(said, "116 111")
        assert made.startswith("[")
        assert made.endswith("116 111]")
        assert with_help(said, "") == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1]", "f:1: must begin with kind: help"),
        ("kind: list\n", "f:1: must begin with kind: help"),
        ("kind: help\nx: 1\n", "f:2: unknown key 'x'"),
        ("kind: help\nwords: {e: {en: a}}\n", "f:2: e must be said in each of en, ru"),
        ("kind: help\nwords: 1\n", "f:2: words must hold names"),
        (f"kind: help\n{WORDS}countries:\n  am: [{{number: 112, what: e}}]\n", "f:5: a line looks like"),
        (f"kind: help\n{WORDS}countries:\n  am: []\n", "f:5: a line looks like"),
        (f'kind: help\n{WORDS}countries:\n  am: [{{number: "112", what: x}}]\n', "f:5: a line looks like"),
        (f'kind: help\n{WORDS}countries:\n  am: [{{number: "112", what: e, x: y}}]\n', "f:5: a line looks like"),
        (f'kind: help\n{WORDS}countries:\n  Arm: [{{number: "112", what: e}}]\n', "f:5: 'Arm' is no country"),
        (f'kind: help\n{WORDS}anywhere: [{{number: "call me", what: e}}]\n', "f:4: a line looks like"),
        ("kind: help\nlanguages: {hy: am}\n", "f:2: hy must be one of"),
        ("a: {", "f:"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(RuleError) as e:
        parse([("f", text.encode())])
    assert str(e.value).startswith(said)


def test_a_familys_file_goes_before() -> None:
    own = f'kind: help\n{WORDS}countries:\n  am: [{{number: "5555", what: e}}]\n'
    shipped_file = ("rules/help/lines.yaml", (shipped.rules() / "help" / "lines.yaml").read_bytes())
    made = parse([shipped_file, ("own", own.encode())])
    assert made.said("en", "am") == "Get help: 5555 (a)."
    assert made.said("en", "tr") == SHIPPED.said("en", "tr")


@given(st.binary(max_size=100) | st.text('kindhelp:{}[]"\n ,amw', max_size=100).map(str.encode))
def test_any_bytes_are_lines_or_problems(data: bytes) -> None:
    try:
        parse([("f", data)])
    except RuleError as e:
        assert all(p.file == "f" for p in e.problems)  # noqa: PT017

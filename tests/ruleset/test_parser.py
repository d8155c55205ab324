"""Bad rule files: every problem named at once, with its line; good ones become values."""

import pytest

from safeguard.errors import RuleError
from safeguard.ruleset.compiler import compile_rules
from safeguard.ruleset.lint import lint
from safeguard.ruleset.parser import parse

INFLECTION = b"""kind: inflection
lang: en
classes:
  n: {sg: [""], pl: [s]}
  v: {inf+imp: [""], past: [ed], noun: [ing]}
"""
LEXICON = b"""kind: lexicon
lang: en
OUGHT: [must, should]
KILL: [kill/v, do away with =inf]
NEG: [not]
"""
GROUPS = b"""kind: groups
groups:
  - {id: zembla, kind: people, title: Zemblans, names: {en: [Zemblan/n]}, emoji: ["\xf0\x9f\x87\xbf\xf0\x9f\x87\xb2"]}
"""
FRAMES = b"""kind: frames
frames:
  - {id: x.kill, category: incitement, severity: 3, why: Says so., all: [OUGHT, KILL, GROUP]}
"""
GOOD = [("inflection.yaml", INFLECTION), ("lexicon.yaml", LEXICON), ("groups.yaml", GROUPS), ("frames.yaml", FRAMES)]


def problems(*files: tuple[str, bytes]) -> list[str]:
    return [str(p) for p in parse(files).problems]


def test_good_files_have_no_problems() -> None:
    assert problems(*GOOD) == []
    assert [f.id for f in compile_rules(GOOD).frames] == ["x.kill"]


def test_all_problems_of_all_files_at_once() -> None:
    bad = b"kind: frames\nframes:\n  - id: a\n    category: hate\n    severity: 9\n    why: w\n    all: [kill]\n"
    found = problems(("a.yaml", bad), ("b.yaml", b"kind: song\n"), ("c.yaml", b"kind: lexicon\nkind: lexicon\n"))
    assert [f.split(": ")[0] for f in found] == ["a.yaml:4", "a.yaml:5", "a.yaml:7", "b.yaml:1", "c.yaml:2"]


def test_a_bare_group_never_scores() -> None:
    bare = b"kind: frames\nframes:\n  - {id: a, category: slur, severity: 1, why: w, all: [GROUP]}\n"
    assert any("alone must never score" in p for p in problems(("a.yaml", bare)))


def test_unknown_class_names_file_and_line() -> None:
    files = [*GOOD[:1], ("l.yaml", b"kind: lexicon\nlang: en\nKILL:\n  - slay/q\n")]
    assert [str(p) for p in lint(files, need_examples=False)] == ["l.yaml:4: slay/q: en has no inflection class 'q'"]


def test_no_stays_a_word() -> None:
    files = [*GOOD, ("n.yaml", b"kind: lexicon\nlang: en\nNONE: [no, on, yes]\n")]
    assert [line.entry.source for line in parse(files).lines if line.meaning == "NONE"] == ["no", "on", "yes"]


def test_missing_examples_are_a_problem() -> None:
    found = [str(p) for p in lint(GOOD)]
    assert len(found) == 10
    assert "frames.yaml:3: x.kill: no hit example in en (rules/examples/en/)" in found


def test_hollow_phrase_is_a_problem() -> None:
    files = [*GOOD, ("h.yaml", b"kind: lexicon\nlang: en\nVERMIN: [not (even) (human)]\n")]
    assert any("alone would do" in str(p) for p in lint(files, need_examples=False))


def test_a_rule_can_be_switched_off_rescored_and_expire() -> None:
    off = ("own.yaml", b"kind: overrides\ndisable: [x.kill]\n")
    assert compile_rules([*GOOD, off]).frames == ()
    score = ("own.yaml", b"kind: overrides\nscore: {x.kill: 0.5}\n")
    assert compile_rules([*GOOD, score]).frames[0].score == 0.5
    until = ("own.yaml", b"kind: overrides\nexpires: {x.kill: 2020-01-01}\n")
    assert compile_rules([*GOOD, until], today="2026-01-01").frames == ()
    assert len(compile_rules([*GOOD, until], today="2019-01-01").frames) == 1


@pytest.mark.parametrize("day", ["31.12.2026", "2026-1-5", "2026-13-01", "2026-01-32", "tomorrow", "''", "20260105", "[]"])
@pytest.mark.parametrize("file", ["kind: list\nid: x\nexpires: {}\nwords: [a]\n", "kind: overrides\nexpires:\n  x.kill: {}\n"])
def test_a_last_day_that_would_never_come_is_a_problem(file: str, day: str) -> None:
    """Days are compared as texts: another spelling would hold for ever, or never."""
    [found] = problems(("own.yaml", file.format(day).encode()))
    assert found.startswith("own.yaml:3: ")
    assert "is no date; write it like 2027-01-31" in found


def test_switching_off_what_is_not_there_is_a_problem() -> None:
    with pytest.raises(RuleError, match=r"own.yaml:2: there is no rule 'x.kil' to switch off"):
        compile_rules([*GOOD, ("own.yaml", b"kind: overrides\ndisable: [x.kil]\n")])


def test_a_bad_pattern_names_its_line() -> None:
    files = [*GOOD, ("mine.yaml", b"kind: list\nid: mine\nregex:\n  - ok.*\n  - (broken\n")]
    with pytest.raises(RuleError, match=r"mine.yaml:5: pattern '\(broken'"):
        compile_rules(files)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('words: [""]', "has no word in it"),
        ('phrases: ["..."]', "has no word in it"),
        ("regex: ['a*']", "fits an empty text"),
        ("regex: ['a{99999}{99999}']", "counted repeats"),
        ("links: [foo]", "an address has a dot"),
        ("lang: xx", "known: en, ru"),
        ("fuzy: [a]", "unknown key 'fuzy'"),
    ],
)
def test_a_list_that_can_find_nothing_or_everything_names_its_line(entry: str, said: str) -> None:
    [problem] = problems(("mine.yaml", f"kind: list\nid: mine\n{entry}\n".encode()))
    assert problem.startswith("mine.yaml:3: ")
    assert said in problem


@pytest.mark.parametrize("entry", ["words: [дурак, 🍆, '^sık', 'begin*']", "hashtags: [a]", "exact: ['C++']", "fuzzy: [a b]"])
def test_a_good_list_has_no_problem(entry: str) -> None:
    assert problems(("mine.yaml", f"kind: list\nid: mine\n{entry}\n".encode())) == []

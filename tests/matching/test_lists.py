"""Parents' simple lists: what they hide, what they allow, and that no pattern makes the engine slow."""

import pytest

from safeguard.matching.verdict import Category, Level
from safeguard.text.unit import Segment, TextUnit
from tests.matching.small import check, engine


def hide(entry: str) -> str:
    return f"kind: list\nid: mine\n{entry}\n"


@pytest.mark.parametrize(
    ("entry", "text", "hidden"),
    [
        ("words: [vodka]", "Vódka tonight", True),
        ("words: [vodka]", "vodkas", False),
        ("words: ['vodk*']", "vodkas", True),
        ("phrases: [free coins]", "get FREE coins now", True),
        ("phrases: [free coins]", "free gold coins", False),
        ("hashtags: [challenge]", "#challenge accepted", True),
        ("fuzzy: [challenge]", "chalenge", True),
        ("regex: ['c[0o]ins{2}']", "c0inss", True),
        ("links: [bad.example]", "see https://bad.example/x", True),
    ],
)
def test_entries(entry: str, text: str, hidden: bool) -> None:
    verdict = check(text, mine=hide(entry))
    assert (verdict.category is Category.PARENT_LIST) is hidden


def test_an_account() -> None:
    unit = TextUnit((Segment("hello"),), author="@Troll")
    (verdict,) = engine(mine=hide("accounts: [troll]")).check_many([unit])
    assert verdict.level is Level.HARMFUL


def test_an_allowed_phrase_turns_the_rest_off_and_says_so() -> None:
    verdict = check("Zembos of the world", mine="kind: list\nid: ok\naction: allow\nphrases: [zembos of the world]\n")
    assert verdict.level is Level.CLEAN
    assert [r.suppressed_by for r in verdict.reasons] == ["list.ok"]


def test_a_hostile_pattern_is_cut_off_and_reported() -> None:
    verdict = check("a" * 5000 + "!", mine=hide("regex: ['(a|a)*b']"))
    assert verdict.level in (Level.SUSPECT, Level.CLEAN)


def test_an_expired_entry_is_gone() -> None:
    assert check("vodka", mine=hide("expires: 2020-01-01\nwords: [vodka]")).category is Category.PARENT_LIST  # no date is known here

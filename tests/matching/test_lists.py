"""Parents' simple lists: what they hide, what they allow, and that no pattern makes the engine slow."""

import time
from dataclasses import replace

import pytest

from safeguard.matching.engine import TOO_SLOW, Engine
from safeguard.matching.lists import TIMEOUT
from safeguard.matching.verdict import Category, Level
from safeguard.ruleset.model import ListRule
from safeguard.ruleset.own_words import listed
from safeguard.text.tokens import tokenize
from safeguard.text.unit import Role, Segment, TextUnit
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


def test_an_account_whose_words_were_said_before_by_others() -> None:
    judge = engine(mine=hide("accounts: [troll]"))
    said = TextUnit.of("hello there")
    levels = [judge.check_many([unit])[0].level for unit in (said, said._replace(author="@Troll"), said)]
    assert levels == [Level.CLEAN, Level.HARMFUL, Level.CLEAN]


def test_an_account() -> None:
    unit = TextUnit((Segment("hello"),), author="@Troll")
    (verdict,) = engine(mine=hide("accounts: [troll]")).check_many([unit])
    assert verdict.level is Level.HARMFUL


def test_all_that_an_account_writes_and_no_name() -> None:
    """A name stands beside the answers of others too, and in their headers; what is said stands in several places of a post."""
    parts = (("troll", Role.POST), ("The Troll", Role.NAME), ("a title", Role.POST), ("hello", Role.POST), ("or not?", Role.POLL_OPTION))
    unit = TextUnit(tuple(Segment(text, role) for text, role in parts), author="@Troll")
    (verdict,) = engine(mine=hide("accounts: [troll]")).check_many([unit])
    assert verdict.segments(Level.HARMFUL) == (2, 3, 4)


def test_an_allowed_phrase_turns_the_rest_off_and_says_so() -> None:
    verdict = check("Zembos of the world", mine="kind: list\nid: ok\naction: allow\nphrases: [zembos of the world]\n")
    assert verdict.level is Level.CLEAN
    assert [r.suppressed_by for r in verdict.reasons] == ["list.ok"]


EVIL = "kind: list\nid: mine\nregex: ['(a|aa)+$', 'coins']\n"


def test_a_hostile_pattern_is_cut_off_and_reported_and_others_hold() -> None:
    made = engine(mine=EVIL)
    slow, fine = made.check_many([TextUnit.of("a" * 5000 + "!"), TextUnit.of("coins")])
    assert slow.level is Level.CLEAN
    assert [r.suppressed_by for r in slow.reasons] == [TOO_SLOW]
    assert fine.level is Level.HARMFUL
    assert made.cut_off == {"(a|aa)+$"}


def test_many_texts_cannot_make_a_hostile_pattern_slow() -> None:
    units = [TextUnit.of("a" * 3000 + f"! {n}") for n in range(200)]
    units += [TextUnit.of("coins" + "." * 9000), TextUnit.of("baa")]
    began = time.perf_counter()
    verdicts = engine(mine=EVIL).check_many(units)
    assert time.perf_counter() - began < 200 * TIMEOUT / 2
    assert verdicts[-1].level is Level.HARMFUL  # short texts are looked at first
    assert verdicts[-2].level is Level.HARMFUL  # what one pattern loses is no other's loss


@pytest.mark.parametrize(
    ("link", "text", "hidden"),
    [
        ("x.example", "www.x.example", True),
        ("https://x.example/", "at X.Example.", True),
        ("x.example", "http://m.x.example/page", True),
        ("x.example", "netflix.example", False),
        ("x.example", "x.examples", False),
        ("x.example/page", "https://x.example/page?a=1", True),
        ("x.example/page", "x.example/pages", False),
        ("x.example/page", "x.example", False),
    ],
)
def test_a_link_is_a_host_and_what_stands_below(link: str, text: str, hidden: bool) -> None:
    assert (check(text, mine=hide(f"links: ['{link}']")).level is Level.HARMFUL) is hidden


@pytest.mark.parametrize(
    ("entry", "text", "hidden"),
    [
        ("words: [vodka]", "v0dka v.o.d.k.a", True),
        ("words: [vodka]", "vooodka", True),
        ("words: [vodka]", "v o d k a", True),
        ("words: [vodka]", "#vodka", True),
        ("words: ['^sık']", "sık sık", True),
        ("words: ['^sık']", "SIK", True),
        ("words: ['^sık']", "sik", False),
        ("phrases: [free coins]", "#FreeCoins", True),
        ("phrases: [the vodka]", "the the vodka", True),
        ("phrases: [the vodka]", "vodka the", False),
        ("fuzzy: [challenge]", "chlalenge", True),
        ("fuzzy: [challenge]", "chanlege", True),
        ("fuzzy: [challenge]", "change", False),
        ("fuzzy: [vodka]", "vokda", True),
        ("fuzzy: [vodka]", "vokad", False),
        ("fuzzy: [coin]", "coan", False),
        ("exact: [vodka now]", "Vodka now!", True),
        ("words: [🍆]", "so 🍆🍆", True),
    ],
)
def test_disguises_and_slips(entry: str, text: str, hidden: bool) -> None:
    assert (check(text, mine=hide(entry)).level is Level.HARMFUL) is hidden


def test_a_phrase_does_not_reach_over_two_texts() -> None:
    assert check(["free", "coins"], mine=hide("phrases: [free coins]")).level is Level.CLEAN


def own(made: Engine, *entries: ListRule) -> Engine:
    """The engine with these entries."""
    return Engine(replace(made.rules, listed=listed(entries, made.rules.stems[""], made.rules.inflection)))


@pytest.fixture(scope="module")
def listing(request: pytest.FixtureRequest) -> Engine:
    """The shipped rules with entries of each kind."""
    made = request.getfixturevalue("engine")
    pairs = [
        ("word", "ermeni"), ("word", "дурак"), ("word", "սպանել"), ("phrase", "կը գնամ"), ("word", "loser"),
        ("fuzzy", "dolandırıcı"), ("phrase", "kötü çocuk"), ("hashtag", "challenge"), ("word", "bad*"),
        ("link", "bad.example"), ("account", "@troll"), ("regex", "c[0o]in"),
    ]  # fmt: skip
    return own(made, *(ListRule("list.own", what, value, True) for what, value in pairs))


TEXTS = (
    ("Ermenilerden geldi", True), ("Что за дураки", True), ("նրան կը սպանեմ", True), ("վաղը կը գնամ", True), ("what losers", True),
    ("bu dolandrıcılar", True), ("ne kötü çocuklar", True), ("#challenge", True), ("badly done", True), ("see www.bad.example/x", True),
    ("a c0in", True), ("you l0ser", True), ("#SuchLoser", True), ("good morning", False), ("Доброе утро", False), ("günaydın", False),
)  # fmt: skip


@pytest.mark.parametrize(("text", "hidden"), TEXTS, ids=[t for t, _ in TEXTS])
def test_among_the_shipped_rules(listing: Engine, text: str, hidden: bool) -> None:
    (verdict,) = listing.check_many([TextUnit.of(text)])
    assert (verdict.category is Category.PARENT_LIST) is hidden


def test_other_units_and_their_order_change_nothing(listing: Engine) -> None:
    units = [TextUnit.of(text) for text, _ in TEXTS] + [TextUnit((Segment("hi"),), author="troll")]
    alone = [listing.check_many([u])[0] for u in units]
    assert listing.check_many(units) == alone
    assert listing.check_many(units[::-1])[::-1] == alone


def test_the_gate_loses_nothing_that_the_lists_find(listing: Engine) -> None:
    lost = []
    for example in listing.rules.examples[::5]:
        for text in (example.text, example.text + " losers", "Ermeniler " + example.text):
            unit = TextUnit.of(text)
            found = {h.rule for h in listing._lists.find(tokenize(unit.segments))}
            met = {n for n, _ in listing._gate.passing([unit])}
            if found and not met:
                lost.append(text)
    assert lost == []


def test_an_expired_entry_is_gone() -> None:
    assert check("vodka", mine=hide("expires: 2020-01-01\nwords: [vodka]")).category is Category.PARENT_LIST  # no date is known here


def test_a_text_of_nothing_but_dots_and_names_is_no_slow_one() -> None:
    made = engine(mine=hide("links: [bad.example]"))
    began = time.perf_counter()
    verdicts = made.check_many([TextUnit.of("x.y." * 25_000), TextUnit.of("x." * 300 + "bad.example")])
    assert time.perf_counter() - began < 2
    assert [v.level for v in verdicts] == [Level.CLEAN, Level.HARMFUL]

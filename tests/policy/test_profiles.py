"""The family's profiles: what a file says, what is written reads back the same, and whose profile counts."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.errors import ConfigError, InputError
from safeguard.matching.verdict import Level
from safeguard.policy.hours import Hours, Shut, Wall, window
from safeguard.policy.place import Place
from safeguard.policy.profile import ORDER, PROFILES, TEEN, TRIAL, YOUNG_CHILD, Action, Profile, strictest
from safeguard.policy.profile_file import parse, render
from safeguard.policy.profiles import ACCOUNT, NAME, SITE, Profiles, changed, check_name, with_hours, with_place, without_site
from tests.policy.test_hours import WINDOWS

A = Action


def test_an_account_has_its_own_profile_or_the_default() -> None:
    family = Profiles().with_default("teen").with_account("ann", "young-child")
    assert family.of("ann") is YOUNG_CHILD
    assert family.of("ben") is TEEN


def test_an_unknown_account_gets_the_strictest_profile_in_use() -> None:
    family = Profiles().with_default("trial")
    assert family.of("") is TRIAL
    assert family.with_account("ben", "teen").of("") is TEEN
    assert family.with_account("ben", "teen").with_account("ann", "young-child").of("") is YOUNG_CHILD


def test_of_two_profiles_that_are_each_stricter_somewhere_the_strictest_is_both() -> None:
    one = Profile("one", (A.LOG, A.LOG, A.LOG, A.BLOCK), A.WARN)
    two = Profile("two", (A.BLUR, A.WARN, A.LOG, A.LOG), A.LOG)
    made = strictest([one, two])
    assert made.harmful == (A.BLUR, A.WARN, A.LOG, A.BLOCK)
    assert made.suspect is A.WARN


def test_a_click_reveals_only_where_every_profile_in_question_lets_it() -> None:
    a, b = (replace(p, reveal=True) for p in (TEEN, TRIAL))
    assert strictest([a, b]).reveal
    assert not strictest([a, TRIAL]).reveal
    assert strictest([a, TEEN]) == TEEN


PLACED = """profiles:
  teen:
    off: yes
    times:
      - mon-fri 21:00-07:00
      - daily 13:00-14:00
    places:
      messages: block
    sites:
      school:
        off: no
        feed: warn
        messages: log
      '123':
        profiles: show
country: am
help:
  - 'Grandma: 010 123456'
"""


def test_hours_places_sites_and_help_of_a_file() -> None:
    family = parse("f", PLACED.encode())
    teen = family.profiles["teen"]
    assert teen.hours == Hours(True, (window("mon-fri 21:00-07:00"), window("daily 13:00-14:00")), {"school": False})
    assert (family.country, family.help) == ("am", ("Grandma: 010 123456",))
    expected = {
        ("x", Place.MESSAGES): (A.BLOCK,) * 4,
        ("x", Place.FEED): TEEN.harmful,
        ("school", Place.FEED): (A.WARN,) * 4,
        ("school", Place.MESSAGES): (A.LOG,) * 4,
        ("school", Place.PROFILES): TEEN.harmful,
        ("123", Place.PROFILES): (A.SHOW,) * 4,
        ("123", Place.MESSAGES): (A.BLOCK,) * 4,
    }
    assert {where: teen.harmful_at(*where) for where in expected} == expected
    assert parse("f", render(family)) == family
    assert teen.action(Level.HARMFUL, 1, "x", [Place.FEED, Place.MESSAGES]) is A.BLOCK
    assert teen.action(Level.SUSPECT, 1, "x", [Place.MESSAGES]) is TEEN.suspect
    assert teen.action(Level.CLEAN, 0, "x", [Place.MESSAGES]) is A.SHOW
    bare = without_site(without_site(teen, "school"), "123")
    assert bare.hours.sites == {}
    assert set(bare.places) == {("", Place.MESSAGES)}
    assert with_place(bare, "", Place.MESSAGES, None).places == {}


def test_the_strictest_is_so_in_every_place() -> None:
    one = with_place(with_place(TRIAL, "", Place.MESSAGES, A.BLOCK), "x", Place.MESSAGES, A.LOG)
    two = with_place(TEEN, "x", Place.FEED, A.SHOW)
    made = strictest([one, two])
    for site in ("x", "y"):
        for place in Place:
            for n in range(4):
                most = max((p.harmful_at(site, place)[n] for p in (one, two)), key=ORDER.index)
                assert made.harmful_at(site, place)[n] is most, (site, place, n)


def test_an_account_that_is_not_known_has_the_hours_of_all() -> None:
    family = Profiles().with_profile(with_hours(TEEN, off=True)).with_account("ann", "teen")
    now = Wall(0, 0)
    assert family.shut("ann", "x", now) == Shut()
    assert family.shut("ben", "x", now) is None
    assert family.shut("", "x", now) == Shut()


def test_an_account_loses_its_profile() -> None:
    assert Profiles().with_account("ann", "teen").with_account("ann", None) == Profiles()


@pytest.mark.parametrize(
    ("severity", "action", "suspect", "harmful"),
    [
        (2, A.WARN, None, (A.BLOCK, A.BLOCK, A.WARN, A.BLOCK)),
        (None, A.BLUR, None, (A.BLUR,) * 4),
        (None, None, A.WARN, (A.BLOCK,) * 4),
    ],
)
def test_changed(severity: int | None, action: Action | None, suspect: Action | None, harmful: tuple[Action, ...]) -> None:
    made = changed(YOUNG_CHILD, severity, action, suspect)
    assert made.harmful == harmful
    assert made.suspect is (suspect or YOUNG_CHILD.suspect)
    assert made.name == "young-child"


def test_a_file_says_what_differs() -> None:
    text = "default: teen\naccounts:\n  ann: trial\n  '1001': big\n"
    text += "profiles:\n  teen:\n    severity:\n      0: warn\n  big:\n    suspect: warn\n"
    family = parse("f", text.encode())
    assert family.of("ann") is TRIAL
    assert family.of("x").harmful == (A.WARN, *TEEN.harmful[1:])
    assert family.of("1001") == Profile("big", YOUNG_CHILD.harmful, A.WARN)


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_file_changes_nothing(text: str) -> None:
    assert parse("f", text.encode()) == Profiles()
    assert parse("f", text.encode(), "teen").default == "teen"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("defualt: teen\n", "f:1: unknown key 'defualt'; known: default, accounts, profiles, country, help"),
        ("default: adult\n", "f:1: default must be one of young-child, teen, trial"),
        ("default: [teen]\n", "f:1: default must be one of"),
        ("accounts: teen\n", "f:1: accounts must hold names"),
        ("accounts:\n  ann: adult\n", "f:2: 'ann' must have one of"),
        ("accounts:\n  ann: [x]\n", "f:2: 'ann' must have one of"),
        ("accounts:\n  'a b': teen\n", "f:2: 'a b' must have one of"),
        ("profiles:\n  teen:\n    severity:\n      4: warn\n", "f:4: unknown severity '4'"),
        ("profiles:\n  teen:\n    severity:\n      3: no\n", "f:4: severity 3 must be one of show, log, warn, blur, block"),
        ("profiles:\n  teen:\n    suspect: true\n", "f:3: suspect must be one of"),
        ("profiles:\n  teen:\n    colour: red\n", "f:3: unknown key 'colour'"),
        ("profiles:\n  teen: block\n", "f:2: teen must hold"),
        ("profiles:\n  teen:\n    off: true\n", "f:3: off must be yes or no"),
        ("profiles:\n  teen:\n    reveal: maybe\n", "f:3: reveal must be yes or no"),
        ("profiles:\n  teen:\n    times: mon 21:00-07:00\n", "f:3: times must hold a list"),
        ("profiles:\n  teen:\n    times:\n      - mon 21:00-07:00\n      - night\n", "f:5: 'night' is no time; times look like"),
        ("profiles:\n  teen:\n    times: [1]\n", "f:3: times must hold a list"),
        ("profiles:\n  teen:\n    places: block\n", "f:3: places must hold names"),
        ("profiles:\n  teen:\n    places:\n      walls: block\n", "f:4: unknown place 'walls'; known: feed, messages, profiles"),
        ("profiles:\n  teen:\n    places:\n      feed: hide\n", "f:4: feed must be one of show, log"),
        ("profiles:\n  teen:\n    sites:\n      A b:\n        off: yes\n", "f:4: 'A b' cannot be the name of a site"),
        ("profiles:\n  teen:\n    sites:\n      x: off\n", "f:4: x must hold names"),
        ("profiles:\n  teen:\n    sites:\n      x:\n        of: yes\n", "f:5: unknown place 'of'; known: off, feed, messages, profiles"),
        ("profiles:\n  teen:\n    sites:\n      x:\n        off: never\n", "f:5: off must be yes or no"),
        ("country: Armenia\n", "f:1: country must be two small letters"),
        ("country: [am]\n", "f:1: country must be two small letters"),
        ("help: Grandma\n", "f:1: help must hold a list"),
        ("help:\n  - 'a [b]'\n", "f:2: 'a [b]' cannot be a help line"),
        ("profiles:\n  Teen:\n    suspect: log\n", "f:2: 'Teen' cannot be the name"),
        ("[1]\n", "f:1: must hold"),
        ("a: {\n", "f:"),
        ("default: teen\ndefault: trial\n", "f:2: key 'default' stands here a second time"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as e:
        parse("f", text.encode())
    assert str(e.value).startswith(said)


def test_every_problem_is_said_at_once() -> None:
    with pytest.raises(ConfigError) as e:
        parse("f", b"x: 1\ndefault: adult\n")
    assert str(e.value).count("\n") == 1


@pytest.mark.parametrize("name", ["", "Teen", "-x", "a b", "x" * 41])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(InputError):
        check_name(name)


@pytest.mark.parametrize("account", ["", "a b", "a:b", "\u202egnp"])
def test_accounts_that_cannot_be(account: str) -> None:
    with pytest.raises(InputError):
        Profiles().with_account(account, "teen")


ACTIONS = st.sampled_from(ORDER)
SITES = st.from_regex(SITE, fullmatch=True)
PLACES = st.dictionaries(st.tuples(SITES | st.just(""), st.sampled_from(Place)), ACTIONS.map(lambda a: (a,) * 4), max_size=3)
HOURS = st.builds(Hours, st.booleans(), st.lists(WINDOWS, max_size=3).map(tuple), st.dictionaries(SITES, st.booleans(), max_size=3))
PROFILE = st.builds(
    Profile,
    st.from_regex(NAME, fullmatch=True) | st.sampled_from(list(PROFILES)),
    st.tuples(*[ACTIONS] * 4),
    ACTIONS,
    st.booleans(),
    PLACES,
    HOURS,
)


@given(st.lists(PROFILE, max_size=4), st.lists(st.from_regex(ACCOUNT, fullmatch=True), max_size=4), st.data())
def test_what_is_written_reads_back_the_same(made: list[Profile], accounts: list[str], data: st.DataObject) -> None:
    family = Profiles()
    for p in made:
        family = family.with_profile(p)
    names = st.sampled_from(list(family.profiles))
    family = family.with_default(data.draw(names))
    for a in accounts:
        if a.encode("utf-8", "ignore").decode() == a and a.isprintable():
            family = family.with_account(a, data.draw(names))
    assert parse("f", render(family)) == family


@given(st.binary(max_size=200) | st.text("deflt:acounspri \n'0123[]{}-", max_size=200).map(str.encode))
def test_any_bytes_give_profiles_or_a_clear_error(data: bytes) -> None:
    with suppress(ConfigError):
        assert parse("f", data).of("")


@pytest.mark.parametrize("said", ["yes", "no"])
def test_the_right_to_reveal_is_written_and_read(said: str) -> None:
    family = parse("f", f"profiles:\n  teen:\n    reveal: {said}\n".encode())
    assert family.profiles["teen"].reveal is (said == "yes")
    assert parse("f", render(family)) == family
    with pytest.raises(ConfigError, match="f:3: reveal must be yes or no"):
        parse("f", b"profiles:\n  teen:\n    reveal: 1\n")

"""The family's profiles: what a file says, what is written reads back the same, and whose profile counts."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.errors import ConfigError, InputError
from safeguard.policy.profile import ORDER, PROFILES, TEEN, TRIAL, YOUNG_CHILD, Action, Profile, strictest
from safeguard.policy.profiles import ACCOUNT, NAME, Profiles, changed, check_name, parse, render

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
        ("defualt: teen\n", "f:1: unknown key 'defualt'; known: default, accounts, profiles"),
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
PROFILE = st.builds(Profile, st.from_regex(NAME, fullmatch=True) | st.sampled_from(list(PROFILES)), st.tuples(*[ACTIONS] * 4), ACTIONS)


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

"""The usual ways of typing a language in another alphabet meet in one skeleton."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.text import translit


@pytest.mark.parametrize(
    ("word", "typed"),
    [
        ("ненавижу", "nenavizhu"),
        ("ненавижу", "nenaviju"),
        ("всех", "vsekh"),
        ("всех", "vseh"),
        ("щенок", "shchenok"),
        ("русские", "russkie"),
        ("чурка", "4urka"),
    ],
)
def test_russian_in_latin(word: str, typed: str) -> None:
    assert translit.ru_skeleton(word) in translit.ru_from_latin(typed)


@pytest.mark.parametrize(
    ("word", "typed"),
    [
        ("պետք", "petq"),
        ("հայերը", "hayer@"),
        ("հայերը", "hayery"),
        ("աղջիկ", "aghjik"),
        ("աղջիկ", "axjik"),
        ("կսպանեմ", "kespanem"),
        ("շուն", "shun"),
        ("որ", "vor"),
    ],
)
def test_armenian_in_latin(word: str, typed: str) -> None:
    assert translit.hy_skeleton(word) in translit.hy_from_latin(typed)


@pytest.mark.parametrize(("word", "typed"), [("հայերին", "хайерин"), ("սպանել", "спанел"), ("թուրքերին", "турқерин"), ("հետո", "һето")])
def test_armenian_in_cyrillic(word: str, typed: str) -> None:
    assert translit.hy_skeleton(word) in translit.hy_from_cyrillic(typed)


def test_azerbaijani_in_cyrillic() -> None:
    assert translit.az_from_cyrillic("өлдүрмәк") == "oldurmek"


@given(st.text(max_size=40))
def test_no_token_breaks_a_skeleton(token: str) -> None:
    translit.ru_from_latin(token)
    translit.hy_from_latin(token)
    translit.hy_from_cyrillic(token)
    translit.az_from_cyrillic(token)

"""The sample network's texts are complete: a gap here would let the demo promise more than it shows."""

from __future__ import annotations

from collections import Counter

import pytest

from safeguard.demo.content import GROUPLESS, KINDS, LANGUAGES, items
from safeguard.matching.verdict import Category

CATEGORIES = [c for c in Category if c is not Category.PARENT_LIST]
TOPICS = ("news", "denouncement", "history", "game", "sport", "victim", "food", "children", "politics", "idiom", "counterspeech")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("category", CATEGORIES, ids=str)
def test_every_category_in_every_language(category: Category, lang: str) -> None:
    assert [i for i in items() if i.category is category and i.lang == lang]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("topic", TOPICS)
def test_every_harmless_topic_in_every_language(topic: str, lang: str) -> None:
    assert [i for i in items() if not i.harmful and i.topic == topic and i.lang == lang]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_in_every_language_and_of_both_labels(lang: str) -> None:
    here = {(i.kind, i.harmful) for i in items() if i.lang == lang}
    assert {k for k, _ in here} == set(KINDS)
    assert {k for k, bad in here if bad} >= set(KINDS) - {"poll", "alt"}


def test_enough_texts_and_none_twice() -> None:
    every = items()
    assert sum(i.harmful for i in every) >= 60
    assert sum(not i.harmful for i in every) >= 60
    assert len({i.id for i in every}) == len({i.text for i in every}) == len(every)


def test_no_text_inside_another() -> None:
    """Hidden means "stands nowhere"; a text that is part of another could never be counted as hidden."""
    assert not [(a.id, b.id) for a in items() for b in items() if a is not b and a.text in b.text]


def test_groups_are_attacked_alike() -> None:
    attacked = Counter(i.group for i in items() if i.harmful and i.group)
    for people in ("armenians", "azerbaijanis", "turks", "russians", "jews", "kurds", "georgians", "persians"):
        assert attacked[people] == 5, people


def test_a_group_is_named_exactly_where_one_is_attacked() -> None:
    assert not [i.id for i in items() if i.harmful and bool(i.group) == (i.category in GROUPLESS)]


def test_options_belong_to_a_poll() -> None:
    polls = {i.id for i in items() if i.kind == "poll"}
    assert all(i.poll in polls for i in items() if i.kind == "option")

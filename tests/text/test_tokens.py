"""Tokens keep their place in the text, and know their sentence, clause, quotation and poll option."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.text.tokens import Tokens, numbers_cut, tokenize, words
from safeguard.text.unit import Role, Segment


def tokens(*texts: str) -> Tokens:
    return tokenize([Segment(t) for t in texts])


def test_disguises_stay_one_word() -> None:
    assert tokens("k!ll th3m a$$ f**k don't").word == ["k!ll", "th3m", "a$$", "f**k", "dont"]


def test_spaced_out_letters_are_one_word() -> None:
    found = tokens("K i l l all, n o w.")
    assert found.word == ["kill", "all", "now"]
    assert "K i l l all, n o w."[found.start[0] : found.end[0]] == "K i l l"


def test_sentences_and_clauses() -> None:
    found = tokens("One, two. Three!\nFour")
    assert found.sent == [0, 0, 1, 2]
    assert found.clause[0] != found.clause[1]


def test_armenian_colon_ends_a_sentence() -> None:
    assert tokens("Գնա: Արի").sent == [0, 1]
    assert tokens("He said: go").sent == [0, 0, 0]


def test_quotations() -> None:
    assert tokens('He wrote "kill them" here').quote == [0, 0, 1, 1, 0]
    assert tokens("«бей» он").quote == [1, 0]
    assert tokens('an unclosed " mark').quote == [0, 0, 0]


def test_poll_options() -> None:
    assert tokens("What now? | Stay | Go").option == [0, 0, 1, 2]
    unit = tokenize([Segment("What now?", Role.POLL_QUESTION), Segment("Go", Role.POLL_OPTION)])
    assert unit.option[0] == unit.option[1] == 0
    assert unit.option[2]


def test_segments_are_sentences_of_their_own() -> None:
    found = tokens("one", "two")
    assert found.seg == [0, 1]
    assert found.sent == [0, 1]


def test_flags_and_emoji_are_words() -> None:
    assert tokens("🇦🇲🔪 ok").word == ["🇦🇲", "🔪", "ok"]


@given(st.lists(st.text(), max_size=3))
def test_any_text_is_tokenized_in_order(texts: list[str]) -> None:
    found = tokens(*texts)
    for t in range(len(found)):
        assert 0 <= found.start[t] < found.end[t] <= len(texts[found.seg[t]])
        assert texts[found.seg[t]][found.start[t] : found.end[t]] == found.raw[t]
    assert found.sent == sorted(found.sent)
    lengths = {len(getattr(found, name)) for name in ("word", "start", "end", "seg", "sent", "clause", "quote", "option", "raw")}
    assert len(lengths) == 1


def test_a_sign_that_says_how_an_emoji_is_drawn_is_no_word() -> None:
    assert words("🧟\u200d♀\ufe0f ♀") == ["🧟", "♀"]


@pytest.mark.parametrize("tag", ["gom-latn", "gom-Latn-IN", "sr_Cyrl_RS"])
def test_a_language_tag_is_no_word(tag: str) -> None:
    assert tokenize([Segment(f"in {tag}, here")]).word == ["in", "here"]
    assert len(tokenize([Segment(f"{tag}s and x-{tag}")]).word) > 2


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("user48213", "user00000"),
        ("user_9077711", "user_00000"),
        ("20481234", "204800000"),
        ("1915", "1915"),
        ("gang1488", "gang1488"),
        ("a1b2c33333", "a1b2c33333"),
        ("", ""),
    ],
)
def test_a_long_number_at_the_end_is_cut(written: str, kept: str) -> None:
    assert numbers_cut(written) == kept
    assert numbers_cut(kept) == kept

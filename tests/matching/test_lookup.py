"""Words looked up: what they tell of a text's language."""

import pytest

from safeguard.matching.lookup import Lookup
from safeguard.ruleset.compiler import compile_rules
from safeguard.ruleset.model import LANG_BIT
from safeguard.text.tokens import folded

TURKISH = "kind: lexicon\nlang: tr\nTHROW: [çöp* attı]\n"


@pytest.mark.parametrize(("word", "tells"), [("cop", True), ("copluk", True), ("copyright", False), ("atti", True)])
def test_a_stem_tells_no_language_where_more_stands_behind_it_than_in_it(word: str, tells: bool) -> None:
    meant = Lookup(compile_rules([("lexicon.yaml", TURKISH.encode())])).meant(word)
    assert meant.anns
    assert dict(meant.weights) == ({LANG_BIT["tr"]: 1.0} if tells else {})


AZERBAIJANI = "kind: lexicon\nlang: az\nHAND: [^əllər*]\n"


@pytest.mark.parametrize(("word", "read"), [("әлләр", True), ("əллəр", True), ("әллəр", True), ("əллəм", False)])
def test_azerbaijani_in_cyrillic_is_read_with_a_latin_schwa_too(word: str, read: bool) -> None:
    meant = Lookup(compile_rules([("lexicon.yaml", AZERBAIJANI.encode())])).meant(folded(word))
    assert bool(meant.anns) == read

"""Words looked up: what they tell of a text's language."""

import pytest

from safeguard.matching.lookup import Lookup
from safeguard.ruleset.compiler import compile_rules
from safeguard.ruleset.model import LANG_BIT

TURKISH = "kind: lexicon\nlang: tr\nTHROW: [çöp* attı]\n"


@pytest.mark.parametrize(("word", "tells"), [("cop", True), ("copluk", True), ("copyright", False), ("atti", True)])
def test_a_stem_tells_no_language_where_more_stands_behind_it_than_in_it(word: str, tells: bool) -> None:
    meant = Lookup(compile_rules([("lexicon.yaml", TURKISH.encode())])).meant(word)
    assert meant.anns
    assert dict(meant.weights) == ({LANG_BIT["tr"]: 1.0} if tells else {})

"""Every rule by its id, whether it is on or off; files of words are not read for it."""

from __future__ import annotations

from safeguard.ruleset.known import known

FRAME = b"kind: frames\nframes:\n  - {id: a.rule, category: incitement, severity: 3, why: Why., all: [KILL, GROUP]}\n"
CONTEXT = b"'kind': 'contexts'\ncontexts:\n  - {id: ctx.b, why: Why not., reach: sentence, any: [REPORT]}\n"


def test_known() -> None:
    off = b"kind: overrides\ndisable: [a.rule]\n"
    assert list(known([("f", FRAME), ("o", off), ("l", b"kind: lexicon\nbroken: ["), ("c", CONTEXT)])) == ["a.rule", "ctx.b"]

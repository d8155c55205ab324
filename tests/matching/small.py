"""A rule set of a few lines, so that a test says in full what it is about."""

from safeguard.matching.engine import Engine
from safeguard.matching.verdict import Verdict
from safeguard.ruleset.compiler import compile_rules
from safeguard.text.unit import Segment, TextUnit

FILES = {
    "inflection.yaml": "kind: inflection\nlang: en\nclasses:\n  n: {sg: [''], pl: [s]}\n  v: {inf+imp: [''], past: [ed], noun: [ing]}\n",
    "lexicon.yaml": """kind: lexicon
lang: en
OUGHT: [must, should]
KILL: [murder/v, wipe (them) out =inf]
NEG: [not, never]
VERMIN: [rat/n]
PRON: [they, them]
SPEECH: [wrote, said]
GAME: [in the game]
IDIOM: [rat race]
NONPEOPLE: [bread/n]
FUNC: [the, are, a, of, is, all]
""",
    "groups.yaml": """kind: groups
groups:
  - {id: zembla, kind: people, title: Zemblans, names: {en: [Zemblan/n]}, slurs: {en: [zembo/n]}}
""",
    "frames.yaml": """kind: frames
frames:
  - {id: x.kill, category: incitement, severity: 3, why: w, all: [OUGHT, "KILL!past", GROUP], not: [NEG]}
  - {id: x.order, category: incitement, severity: 3, why: w, all: ["KILL:imp", GROUP], order: given, initial: true, not: [OUGHT]}
  - {id: x.vermin, category: dehumanisation, severity: 2, why: w, all: [GROUP, VERMIN], gap: 2, score: 0.6}
  - {id: x.slur, category: slur, severity: 1, why: w, all: [SLUR]}
""",
    "contexts.yaml": """kind: contexts
contexts:
  - {id: c.quoted, why: w, quoted: true, any: [[SPEECH]], reach: unit}
  - {id: c.game, why: w, any: [[GAME]], reach: sentence, off: [x.order]}
  - {id: c.said, why: w, any: [[SPEECH]], reach: sentence, off: [slur], weaken: 0.5}
""",
}


def engine(**more: str) -> Engine:
    """An engine of the small rules, with more files by name."""
    return Engine(compile_rules([(n, t.encode()) for n, t in (FILES | {f"{k}.yaml": v for k, v in more.items()}).items()]))


def check(text: str | list[str], **more: str) -> Verdict:
    """The verdict on one unit of these texts."""
    texts = [text] if isinstance(text, str) else text
    return engine(**more).check_many([TextUnit(tuple(Segment(t) for t in texts))])[0]


def counted(verdict: Verdict) -> list[str]:
    """The rules that count."""
    return sorted({r.rule for r in verdict.reasons if r.suppressed_by is None})

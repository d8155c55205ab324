"""Fits rules/weights/tone.yaml and the words_LANG.yaml beside it: logistic regression over the words of a text and what else is in it.

    python -m tests.weights.tone [CSV ...] [-CSV ...]        needs numpy and scipy (pip install -e .[fit]); -CSV: scored, not learnt from

First what frames and points around a name count, from texts that no rule was mended on (tests/weights/talk/): elsewhere they would look
better than they are. Then, with that given, the words, from all texts: talk/, corpus/, the rules' examples, the everyday texts and the
files named. What a word speaks for is the kind of text it is most at home in (talk/ says the kind of each).
"""

from __future__ import annotations

import csv
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from safeguard.matching import contexts
from safeguard.matching.engine import Engine, beside
from safeguard.matching.tone import share
from safeguard.matching.verdict import Level
from safeguard.ruleset.model import FOUND, LANGS, Tone
from safeguard.ruleset.points import HARMLESS
from safeguard.text.tokens import tokenize
from safeguard.text.unit import TextUnit
from tests.matching import test_reports, test_understood
from tests.weights.fit import ROOT, compiled, labelled

HEAD = ROOT / "rules/weights/tone.yaml"
TALK = ROOT / "tests/weights/talk"
RIDGE = 2.0
SELDOM = 3  # a word of fewer texts is left out
LEAST = 0.12  # points below are not written
LINE, SUSPECT, UNNAMED, DOUBT = 2.7, 1.2, 3.6, -1.0
DOUBLED, MARGIN = 6, 0.1  # an example of a rule that does not come out right counts double, so many times
WIDTH = 140
REAL = 4.0  # of a real post
WEIGHT = [  # by the file's name, the first that fits
    (re.compile(r"real_"), REAL),
    (re.compile(r"news_|.*\.txt$"), 3.0),  # harmless texts as they come, of which there are thousands for one that is not
    (re.compile(r"examples$"), 1.0),
    (re.compile(r".*_dev\.csv$"), 0.3),  # many of one pattern
]
KINDS = {
    "call": "incitement", "threat": "threat", "personal": "personal_threat", "mock": "atrocity_mockery", "praise": "glorification",
    "expel": "expulsion", "dehuman": "dehumanisation", "slur": "derogation", "negative": "derogation", "hate": "derogation",
}  # fmt: skip
"""Kinds of texts in talk/ -> categories; those left out say how something is said, not what."""


class Case(NamedTuple):
    """A labelled text. words: what its words are known by, with how much each counts; found: of FOUND; level: the rules' own verdict."""

    source: str
    text: str
    hateful: bool
    words: dict[str, float]
    found: dict[str, float]
    level: Level


def case(engine: Engine, source: str, text: str, hateful: bool) -> Case:
    """A text read as the engine reads it, by an engine without words."""
    table = engine.rules.tone
    assert table is not None
    unit = TextUnit.of(text)
    reading, findings = engine._found(*engine._reader.annotate(tokenize(unit.segments)))
    judged = [(f, *contexts.judge(f, reading, engine.rules.contexts)) for f in findings]
    found = dict.fromkeys(FOUND, 0.0) | beside(reading, judged, engine._scorer.find(reading).points)
    words: Counter[str] = Counter()
    stretches = text.split()
    for before, stretch in zip([".", *stretches], stretches, strict=False):
        # A capital inside a sentence: a name of a person, a town, a people we do not know.
        name = stretch[:1].isupper() and stretch[1:2].islower() and before[-1].isalnum() and before[:1].islower()
        for word in engine._tone.words(stretch):
            keys = engine._tone.known_by(word)
            if not name or "".join(keys).startswith("<"):
                words.update(keys)
    counts = share(len(stretches), table.few)
    return Case(source, text, hateful, {w: n * counts for w, n in words.items()}, found, engine.check_many([unit])[0].level)


def must() -> Iterable[tuple[str, str, bool]]:
    """Texts beside the rules' examples that must come out right: of the table of what is understood, and of the reports."""
    for param in test_understood.EXAMPLES:
        what, verdict, _, text = map(str, param.values)
        if not what.startswith("as a poll") and verdict != "suspect":
            yield "examples", text, verdict == "harmful"
    for param in test_reports.ALONE:
        yield "examples", str(param.values[0]), True


def weight(source: str) -> float:
    """What a text of that file counts."""
    return next((w for pattern, w in WEIGHT if pattern.match(source)), 1.0)


def rows(cases: Sequence[Case], index: dict[str, int]) -> Any:
    """The cases as a sparse matrix: what was found first, then words."""
    at: list[tuple[int, int, float]] = []
    for n, c in enumerate(cases):
        at += [(n, FOUND.index(k), v) for k, v in c.found.items() if v]
        at += [(n, index[w], v) for w, v in c.words.items() if w in index]
    shape = (len(cases), len(FOUND) + len(index))
    return csr_matrix(([v for _, _, v in at], ([n for n, _, _ in at], [i for _, i, _ in at])), shape=shape)


def fitted(table: Any, y: Any, w: Any, fixed: Any = None) -> Any:
    """Points of each column and the base; fixed: those of the first columns, where they are given."""
    given = 0 if fixed is None else len(fixed)
    offset = table[:, :given] @ fixed if given else np.zeros(table.shape[0])
    free = table[:, given:]

    def loss(x: Any) -> tuple[float, Any]:
        z = free @ x[:-1] + x[-1] + offset
        slope = w * (1 / (1 + np.exp(-z)) - y)
        return float((w * (np.logaddexp(0, z) - y * z)).sum() + RIDGE * (x[:-1] ** 2).sum() / 2), np.append(
            free.T @ slope + RIDGE * x[:-1], slope.sum()
        )

    return minimize(loss, np.zeros(free.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 400}).x


def fit(cases: list[Case], talk: set[str]) -> tuple[dict[str, float], dict[str, float], float]:
    """(points of what is found, of words, base); examples of rules must come out right."""
    uses = Counter(w for c in cases for w in c.words)
    index = {w: len(FOUND) + n for n, w in enumerate(sorted(w for w, n in uses.items() if n >= SELDOM))}
    unseen = [c for c in cases if c.source in talk or c.source.endswith(".txt")]
    counted = np.array([weight(c.source) for c in unseen])
    first = fitted(rows(unseen, index), np.array([float(c.hateful) for c in unseen]), counted)[: len(FOUND)].round(1)
    table, y, counted = rows(cases, index), np.array([float(c.hateful) for c in cases]), np.array([weight(c.source) for c in cases])
    for left in range(DOUBLED, -1, -1):
        x = fitted(table, y, counted, first)
        points = {w: round(float(x[i - len(FOUND)]), 1) for w, i in index.items() if abs(x[i - len(FOUND)]) >= LEAST}
        said, base = dict(zip(FOUND, map(float, first), strict=True)), round(float(x[-1]), 1)
        wrong = [n for n, c in enumerate(cases) if c.source == "examples" and not right(c, total(c, said, points, base))]
        print(f"{len(wrong)} examples that must come out right do not", flush=True)
        if not wrong or not left:
            break
        counted[wrong] *= 2
    return said, points, base


def right(c: Case, sum_: float) -> bool:
    """Whether an example comes out as the rules alone have it, or better."""
    if c.hateful:
        return sum_ > DOUBT + MARGIN
    return sum_ < (LINE if c.found["named"] else UNNAMED) - MARGIN


def categories(points: dict[str, float], cases: Iterable[Case], kinds: dict[str, str]) -> dict[str, str]:
    """Word -> what it speaks for; HARMLESS where it speaks against hate."""
    met: dict[str, Counter[str]] = defaultdict(Counter)
    texts: Counter[str] = Counter()
    for c in cases:
        if c.hateful and (kind := kinds.get(c.text)):
            texts[kind] += 1
            for w in c.words:
                met[w][kind] += 1
    out = {}
    for w, p in points.items():
        found = met[w]
        out[w] = HARMLESS if p < 0 else max(sorted(texts), key=lambda k: (found[k] + 0.5) / (texts[k] + 20), default="derogation")
    return out


def language(cases: Iterable[Case], langs: dict[str, str]) -> dict[str, str]:
    """Word -> the language of most texts it stands in."""
    uses: dict[str, Counter[str]] = defaultdict(Counter)
    for c in cases:
        if lang := langs.get(c.source):
            for w in c.words:
                uses[w][lang] += 1
    return {w: max(LANGS, key=lambda lang: n[lang]) for w, n in uses.items()}


def file_of(lang: str, words: dict[str, float], category: dict[str, str]) -> str:
    """The rule file of a language's words."""
    table: dict[str, dict[str, list[str]]] = {}
    for w in sorted(words, key=lambda w: (-abs(words[w]), w)):
        table.setdefault(category[w], {}).setdefault(f"{words[w]}", []).append(w)
    lines = [
        "# Points of words and of their beginnings. Format: rules/README.md. Fitted by tests/weights/tone.py.",
        "kind: words",
        f"lang: {lang}",
    ]
    lines.append("words:")
    for name in sorted(table):
        lines.append(f"  {name}:")
        for points, found in table[name].items():
            lines.append(f'    "{points}":')
            line = ""
            for w in found:
                if line and len(line) + len(w) > WIDTH - 10:
                    lines.append(f'      - "{line}"')
                    line = ""
                line += f" {w}" if line else w
            lines.append(f'      - "{line}"')
    return "\n".join(lines) + "\n"


def total(c: Case, found: dict[str, float], points: dict[str, float], base: float) -> float:
    """What a text adds up to."""
    return base + sum(found[k] * v for k, v in c.found.items()) + sum(points.get(w, 0.0) * v for w, v in c.words.items())


def show(cases: list[Case], name: str, found: dict[str, float], points: dict[str, float], base: float) -> None:
    """H and N of the rules alone, and with the tone at some lines."""
    out = []
    for line, doubt in ((math.inf, -math.inf), (math.inf, DOUBT), (1.5, DOUBT), (2.0, DOUBT), (LINE, DOUBT), (3.0, DOUBT)):
        hits: dict[bool, list[bool]] = {True: [], False: []}
        for c in cases:
            sum_ = total(c, found, points, base)
            heard = sum_ >= line + (0.0 if c.found["named"] else UNNAMED - LINE)
            found_harm = heard or (c.level is Level.HARMFUL and sum_ > doubt)
            hits[c.hateful].append(found_harm == c.hateful)
        out.append(f"{line}, {doubt}: " + "/".join(f"{100 * sum(h) / len(h):.1f}" if h else "-" for h in (hits[True], hits[False])))
    print(f"{name:30} {'  '.join(out)}")


def main() -> None:
    rules = compiled(lambda path: not path.name.startswith("words_"))
    tone = rules.tone
    assert isinstance(tone, Tone)
    engine = Engine(replace(rules, tone=replace(tone, harmful=math.inf, suspect=math.inf, doubt=-math.inf)))
    held = [Path(a[1:]) for a in sys.argv[1:] if a.startswith("-")]
    talk = sorted(TALK.glob("*.csv"))
    named = [Path(a) for a in sys.argv[1:] if not a.startswith("-")]
    paths = [*talk, *(ROOT / "tests/weights/corpus").glob("*.csv"), *(ROOT / "rules/everyday").glob("*.txt"), *named]
    cases = [case(engine, *row) for row in (*labelled(p for p in paths if p not in held), *must())]
    kinds = {}
    for path in talk:
        with path.open(newline="", encoding="utf-8") as f:
            kinds |= {row["text"]: KINDS[k] for row in csv.DictReader(f) if (k := row["functionality"].removesuffix("_h")) in KINDS}
    found, points, base = fit(cases, {p.name for p in talk})
    for source in sorted({c.source for c in cases}):
        show([c for c in cases if c.source == source], source, found, points, base)
    unseen = [case(engine, *row) for p in held for row in labelled([p]) if row[0] == p.name]
    for source in sorted({c.source for c in unseen}):
        show([c for c in unseen if c.source == source], f"held out: {source}", found, points, base)
    if unseen:
        show(unseen, "held out: all", found, points, base)
    langs = {p.name: lang for p in paths for lang in LANGS if re.search(rf"(^|_){lang}\d*(_|\.)", p.name)}
    at, of = language(cases, langs), categories(points, cases, kinds)
    for lang in LANGS:
        words = {w: p for w, p in points.items() if p and at.get(w, LANGS[0]) == lang}
        (HEAD.parent / f"words_{lang}.yaml").write_text(file_of(lang, words, of), encoding="utf-8")
    counted = ", ".join(f"{k!r}: {v}" for k, v in found.items())
    lines = f"harmful: {LINE}\nsuspect: {SUSPECT}\nunnamed: {UNNAMED}\ndoubt: {DOUBT}\nfew: {tone.few}\n"
    said_now = f"base: {base}\n{lines}found: {{{counted}}}\n"
    old = HEAD.read_text(encoding="utf-8")
    HEAD.write_text(old[: old.index("base:")] + said_now + old[old.index("taken:") :], encoding="utf-8")
    print(f"{sum(1 for p in points.values() if p)} words, base {base}, found {found}")


if __name__ == "__main__":
    main()

"""Fits rules/weights/core.yaml: logistic regression over the meanings around the names of groups.

    python -m tests.weights.fit [CSV ...]        needs numpy and scipy (pip install -e .[fit])

Learns from tests/weights/corpus/, the rules' own examples, the everyday texts, and the CSV files named (columns text or test_case,
label_gold). Where a text names several groups, the heaviest place stands for it (multiple-instance learning: Andrews et al. 2002, MI-SVM).
Meanings of hate cannot speak against hate, and those that turn it off cannot speak for it: the sign comes from the lexicon's file.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from safeguard.matching import contexts, scoring
from safeguard.matching.engine import Engine
from safeguard.matching.lookup import FUZZY
from safeguard.matching.mentions import Mention
from safeguard.ruleset.compiler import compile_rules
from safeguard.ruleset.model import NEG, SCORED, TAG_BIT, CompiledRules
from safeguard.ruleset.parser import parse
from safeguard.system import everyday
from safeguard.text.tokens import tokenize
from safeguard.text.unit import TextUnit

ROOT = Path(__file__).parents[2]
OUT = ROOT / "rules/weights/core.yaml"
NEAR = 8
RIDGE = 1.0  # of a weight whose sign is known
UNSURE = 2.5  # times that, where it is not
SELDOM = 3  # a feature of fewer texts is left out
LEAST = 0.15  # a weight below is not written
ROUNDS = 4
DOUBLED, MARGIN = 7, 0.2
NOISY = 0.8  # what a real post counts whose label needed its thread
PAIRED = 2.5  # what an example of a rule counts: most stand beside another that differs in what decides
EVERYDAY, EVERY = 4.0, re.compile(r"news_|.*\.txt$")  # harmless texts as they come, of which there are thousands for one that is not
HARMFUL, SUSPECT, DOUBT = 1.2, 0.2, -3.0
MOODS = {TAG_BIT[t]: t for t in ("inf", "imp", "fut", "opt", "ought", "past", "pres", "ptcp", "pass", "noun", "cond")}
TELLING = {"past", "ptcp", "pres", "pass", "noun", "cond", "neg"}  # of a verb of violence: what is told as well as what is wished
HATEFUL_FILES = {"contempt", "scorn", "mockery", "violence", "threat", "praise", "insinuation", "predicates", "constructions"}
HARMLESS_FILES = {"turning_off", "off", "habits", "ordinary", "reclaimed", "not_misspelt"}
SEVERITY = {
    "incitement": 3, "threat": 3, "personal_threat": 3, "glorification": 3,
    "dehumanisation": 2, "expulsion": 2, "atrocity_mockery": 2, "slur": 2, "derogation": 1,
}  # fmt: skip


class Case(NamedTuple):
    """A labelled text as the features of each place where it names a group; level: what the frames say of it."""

    hateful: bool
    weight: float
    level: int
    places: list[dict[str, float]]
    source: str
    text: str


def labelled(paths: Iterable[Path]) -> Iterator[tuple[str, str, bool]]:
    """(source, text, hateful) of files and of the rules' examples."""
    for path in paths:
        if path.suffix == ".txt":
            lines = path.read_text().splitlines()
            yield from ((path.name, t, False) for t in lines if t.strip() and not t.startswith("#"))
        else:
            with path.open(newline="", encoding="utf-8") as f:
                for row in csv.DictReader(f):
                    yield path.name, row.get("text") or row["test_case"], row["label_gold"].strip().lower() == "hateful"
    examples = parse((str(p), p.read_bytes()) for p in (ROOT / "rules/examples").glob("*/*.yaml")).examples
    seen = set()
    for e in examples:
        if e.text not in seen and not e.rule.startswith(SCORED):
            seen.add(e.text)
            yield "examples", e.text, e.hit != e.rule.startswith("context.")


def keys(m: Mention, negated: bool) -> list[str]:
    """The elements a mention can be told by."""
    if negated or m.tags & NEG:
        return [f"{m.meaning}:neg"]
    return [m.meaning, *(f"{m.meaning}:{t}" for bit, t in MOODS.items() if m.tags & bit)]


def case(engine: Engine, source: str, text: str, hateful: bool) -> Case:
    """A text read as the engine reads it."""
    reading, findings = engine._found(*engine._reader.annotate(tokenize(TextUnit.of(text).segments)))
    level = 0
    turned_off = False
    for f in findings:
        off, factor = contexts.judge(f, reading, engine.rules.contexts)
        if off is None:
            level = max(level, 2 if f.frame.score * factor >= 1 else 1)
        turned_off = turned_off or off is not None
    places = []
    if turned_off and level < 2:
        return Case(hateful, 0.0, level, places, source, text)  # never scored
    for anchor in scoring.anchors(reading):
        found = {f"T|{t}": 1.0 for t in scoring.traits(anchor, reading)}
        for m, close, negated in scoring.around(anchor, reading, NEAR):
            for k in keys(m, negated):
                if close or f"n|{k}" not in found:
                    name = f"{'n' if close else 'f'}|{k}"
                    found[name] = max(0.7 if m.quality == FUZZY else 1.0, found.get(name, 0.0))
        places.append(found)
    weight = NOISY if source.startswith("real_") else PAIRED if source == "examples" else EVERYDAY if EVERY.match(source) else 1.0
    return Case(hateful, weight, level, places, source, text)


def signs() -> dict[str, int]:
    """Meaning -> 1 (of hate), -1 (turns it off) or 0, by the lexicon files it stands in."""
    where: dict[str, Counter[str]] = defaultdict(Counter)
    for path in (ROOT / "rules/lexicon").glob("*/*.yaml"):
        for meaning in re.findall(r"^([A-Z][A-Z0-9]*):", path.read_text(), re.MULTILINE):
            where[meaning][path.stem] += 1
    out = {}
    for meaning, files in where.items():
        for sign, names in ((1, HATEFUL_FILES), (-1, HARMLESS_FILES)):
            if sum(files[n] for n in names) > sum(files.values()) / 2:
                out[meaning] = sign
    hateful = "SLUR INSULT VERMIN SUBHUMAN WORTHLESS BADTRAIT HATE DISGUSTING KILL HARM ERASE EXPEL LOCKUP DEATH SPIT SWEAR CHEER TOOFEW"
    harmless = "NEG NOBODY DENOUNCE REPORT HISTORY VICTIM GAME SPORT FOOD IDIOM POLITICS SPEECH FANS RECLAIMED THING"
    return out | dict.fromkeys((*hateful.split(), "DIE", "ALL", "NONE"), 1) | dict.fromkeys(harmless.split(), -1)


def sign(key: str, known: dict[str, int]) -> int:
    """1, -1 or 0 of a feature."""
    if key.startswith("T|"):
        return 0
    meaning, _, mood = key[2:].partition(":")
    found = known.get(meaning, 0)
    return 0 if (found > 0 and mood in TELLING) or (found < 0 and mood == "neg") else found


def fit(cases: list[Case]) -> tuple[dict[str, float], float]:
    """(feature -> points, base)."""
    known = signs()
    uses = Counter(k for c in cases for k in {k for place in c.places for k in place})
    names = sorted(k for k, n in uses.items() if n >= SELDOM)
    index = {k: i for i, k in enumerate(names)}
    of = np.array([sign(k, known) for k in names])
    ridge = np.append(RIDGE * np.where(of == 0, UNSURE, 1.0) * np.array([0.3 if k.startswith("T|") else 1.0 for k in names]), 0.0)
    bounds = [(0.0 if s > 0 else -6.0, 0.0 if s < 0 else 6.0) for s in of] + [(-8.0, 2.0)]
    x = np.append(of * 0.5, -1.0)
    for _ in range(ROUNDS):
        told: Counter[tuple[tuple[tuple[int, float], ...], bool]] = Counter()
        weights: dict[Any, float] = defaultdict(float)
        for c in cases:
            rows = [{index[k]: v for k, v in place.items() if k in index} for place in c.places]
            if rows:
                heaviest = max(rows, key=lambda r: sum(v * x[i] for i, v in r.items()))
                key = (tuple(sorted(heaviest.items())), c.hateful)
                told[key] += 1
                weights[key] += c.weight
        at = [(n, i, v) for n, (row, _) in enumerate(told) for i, v in row]
        table = csr_matrix(([v for _, _, v in at], ([n for n, _, _ in at], [i for _, i, _ in at])), shape=(len(told), len(names)))
        y = np.array([float(hateful) for _, hateful in told])
        w = np.array([max(min(weights[k], 3 + 0.2 * weights[k]), weights[k] / told[k]) for k in told])

        def loss(x: Any, table: Any = table, y: Any = y, w: Any = w) -> tuple[float, Any]:
            z = table @ x[:-1] + x[-1]
            slope = w * (1 / (1 + np.exp(-z)) - y)
            return float((w * (np.logaddexp(0, z) - y * z)).sum() + (ridge * x * x).sum() / 2), np.append(
                table.T @ slope, slope.sum()
            ) + ridge * x

        x = minimize(loss, x, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 400}).x
    return dict(zip(names, map(float, x[:-1]), strict=True)), float(x[-1])


def most(c: Case, points: dict[str, float], base: float) -> float:
    """What the heaviest place of a text adds up to."""
    return max((base + sum(v * points.get(k, 0.0) for k, v in p.items()) for p in c.places), default=-9.0)


def fit_examples(cases: list[Case]) -> tuple[dict[str, float], float]:
    """The same, but examples of rules and everyday texts must come out right: those that do not count double, again and again."""
    for left in range(DOUBLED, -1, -1):
        points, base = fit(cases)
        wrong = {
            n
            for n, c in enumerate(cases)
            if c.source == "examples"
            and c.places
            and (
                most(c, points, base) <= DOUBT + MARGIN
                if c.hateful and c.level == 2
                else not c.hateful and most(c, points, base) >= HARMFUL - MARGIN
            )
        }
        print(f"{len(wrong)} texts that must come out right do not")
        if not wrong or not left:
            break
        cases = [c._replace(weight=c.weight * 2) if n in wrong else c for n, c in enumerate(cases)]
    return points, base


def categories(rules: CompiledRules) -> dict[str, str]:
    """Meaning -> the category of the frames that it stands in most."""
    uses: dict[str, Counter[str]] = defaultdict(Counter)
    for f in rules.frames:
        for alternatives in f.all:
            for e in alternatives:
                uses[e.meaning][f.category] += 6 // min(len(alternatives), 6)
    return {m: max(sorted(c), key=lambda name: c[name]) for m, c in uses.items()}


def table(points: dict[str, float], base: float, rules: CompiledRules) -> str:
    """The rule file."""
    of, known = categories(rules), signs()
    rows: dict[str, list[float]] = {}
    for k, v in points.items():
        if not k.startswith("T|") and abs(v) >= LEAST:
            rows.setdefault(k[2:], [0.0, 0.0])["nf".index(k[0])] = round(float(v), 1) + 0.0
    rows = {k: v for k, v in rows.items() if any(v)}
    lines = []
    for k in sorted(rows, key=lambda k: (-max(rows[k]), k)):
        near, far = rows[k]
        meaning = k.partition(":")[0]
        category = of.get(meaning, "") if max(near, far) > 0 and known.get(meaning, 0) > 0 else ""
        name = f'"{k}"' if ":" in k else k
        lines.append(f"  {name}: [{near}, {far}{', ' + category if category else ''}]")
    used = [c for c in SEVERITY if any(line.endswith(f" {c}]") for line in lines)]
    traits = {k[2:]: round(float(v), 1) + 0.0 for k, v in points.items() if k.startswith("T|")}
    head = {
        "near": NEAR,
        "base": round(base, 1),
        "harmful": HARMFUL,
        "suspect": SUSPECT,
        "doubt": DOUBT,
        "traits": traits,
        "categories": {c: SEVERITY[c] for c in used},
    }
    text = "".join(
        f"{k}: {yaml.safe_dump(v, default_flow_style=True, sort_keys=False, width=1000).replace('...', '').strip()}\n"
        for k, v in head.items()
    )
    return (
        "# Points of meanings around the name of a group. Format: rules/README.md. Fitted by tests/weights/fit.py.\n"
        f"kind: weights\n{text}weights:\n" + "\n".join(lines) + "\n"
    )


def show(points: dict[str, float], base: float, cases: list[Case], name: str) -> None:
    """H and N of the frames alone and of both, by sums from which a text is harmful."""
    out = []
    for line in (None, 0.5, HARMFUL, 1.5, 2.0):
        hits: dict[bool, list[bool]] = {True: [], False: []}
        for c in cases:
            heaviest = most(c, points, base)
            sure = c.level == 2 and (line is None or heaviest > DOUBT or not c.places)
            hits[c.hateful].append((sure or (line is not None and heaviest >= line)) == c.hateful)
        out.append(f"{line}: " + "/".join(f"{100 * sum(h) / len(h):.1f}" if h else "-" for h in (hits[True], hits[False])))
    print(f"{name:28} {'  '.join(out)}")


def compiled(wanted: Callable[[Path], bool]) -> CompiledRules:
    """The shipped rules from those of their files that are wanted."""
    files = [p for p in (ROOT / "rules").rglob("*.yaml") if not {"sites", "help"} & set(p.parts) and wanted(p)]
    return compile_rules([(str(p.relative_to(ROOT)), p.read_bytes()) for p in files], everyday=everyday.every())


def main() -> None:
    rules = compiled(lambda path: True)
    engine = Engine(rules)
    held = [Path(a[1:]) for a in sys.argv[1:] if a.startswith("-")]  # -FILE: scored, not learnt from
    named = [Path(a) for a in sys.argv[1:] if not a.startswith("-")]
    paths = [p for p in (*(ROOT / "tests/weights/corpus").glob("*.csv"), *(ROOT / "rules/everyday").glob("*.txt"), *named) if p not in held]
    cases = [case(engine, *row) for row in labelled(paths)]
    points, base = fit_examples(cases)
    for source in sorted({c.source for c in cases}):
        show(points, base, [c for c in cases if c.source == source], source)
    show(points, base, cases, "all")
    unseen = [case(engine, *row) for p in held for row in labelled([p]) if row[0] == p.name]
    for source in sorted({c.source for c in unseen}):
        show(points, base, [c for c in unseen if c.source == source], f"held out: {source}")
    OUT.write_text(table(points, base, rules))


if __name__ == "__main__":
    main()

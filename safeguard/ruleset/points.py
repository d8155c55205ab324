"""Rule files of points: of meanings around the name of a group (weights), and of all words of a text (tone, words)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safeguard.language import _
from safeguard.ruleset import entries
from safeguard.ruleset.model import CATEGORIES, FOUND, SCORED, TRAITS, Element, Frame, Tone, Weight, Weights
from safeguard.strict_yaml import Map, Seq
from safeguard.text.fold import fold

if TYPE_CHECKING:
    from safeguard.ruleset.parser import RuleFile

HARMLESS = "harmless"  # stands in the place of a category for words that speak against hate
_WHY = "The words around the name of a group, and all words of the text, add up (rules/weights)."


def weights(file: RuleFile) -> None:
    """The table of meanings; its categories become rules that findings by points bear."""
    data, raw = file.data, file.raw
    file.known(data, "kind", "near", "base", "harmful", "suspect", "doubt", "traits", "categories", "weights")
    if raw.weights is not None:
        file.problem(data.line, _("weights stand in %(file)s too; there is one table", file=raw.weights.file))
    severities = file.expect(data, "categories", Map)
    for category in severities:
        at = severities.lines[category]
        if category not in CATEGORIES:
            _unknown_category(file, at, category, CATEGORIES)
            continue
        file.once(raw.frames, SCORED + category, at)
        severity = min(max(file.expect(severities, category, int), 1), 3)
        raw.frames[SCORED + category] = Frame(SCORED + category, category, severity, 1.0, _WHY, (), file=file.name, line=at)
    rows = file.expect(data, "weights", Map)
    raw.weights = Weights(
        near=file.expect(data, "near", int),
        base=file.expect(data, "base", float),
        harmful=file.expect(data, "harmful", float),
        suspect=file.expect(data, "suspect", float),
        doubt=file.expect(data, "doubt", float, -99.0),
        traits=_numbers(file, "traits", TRAITS),
        weights=tuple(w for text in rows if (w := _weight(file, rows, text, severities))),
        file=file.name,
        line=data.line,
    )


def _numbers(file: RuleFile, key: str, names: tuple[str, ...]) -> dict[str, float]:
    """A mapping of known names to numbers."""
    found = file.expect(file.data, key, Map, Map())
    for name in found:
        if name not in names:
            values = {"key": key, "value": repr(name), "known": ", ".join(names)}
            file.problem(found.lines[name], _("%(key)s: %(value)s is unknown (known: %(known)s)", **values))
    return {name: file.expect(found, name, float) for name in found}


def _weight(file: RuleFile, rows: Map, text: str, categories: Map) -> Weight | None:
    line = rows.lines[text]
    row = rows[text]
    element: Element | None = file.attempt(line, entries.element, text)
    if not isinstance(row, Seq) or len(row) not in (2, 3) or not all(isinstance(x, (int, float)) for x in row[:2]):
        said = _("%(text)s: [points near the name, points farther off, category] expected; the category may be missing", text=text)
        file.problem(line, said)
        return None
    category = row[2] if len(row) == 3 else ""
    if category and category not in categories:
        said = _("%(text)s: category %(category)s does not stand under categories:", text=text, category=repr(category))
        file.problem(line, said)
        return None
    return Weight(element, float(row[0]), float(row[1]), category) if element else None


def tone(file: RuleFile) -> None:
    """What a text begins with, its limits, and what words are taken as."""
    data, raw = file.data, file.raw
    file.known(data, "kind", "base", "harmful", "suspect", "unnamed", "doubt", "few", "found", "taken")
    if raw.tone is not None:
        file.problem(data.line, _("the tone stands in %(file)s too; there is one", file=raw.tone.file))
    names = file.expect(data, "taken", Map, Map())
    raw.tone = Tone(
        base=file.expect(data, "base", float),
        harmful=file.expect(data, "harmful", float),
        suspect=file.expect(data, "suspect", float),
        unnamed=file.expect(data, "unnamed", float, 99.0),
        doubt=file.expect(data, "doubt", float, -99.0),
        few=max(file.expect(data, "few", int), 1),
        found=_numbers(file, "found", FOUND),
        taken={meaning: f"<{name}>" for name in reversed(names) for meaning, __ in file.texts(names, name)},
        file=file.name,
        line=data.line,
    )


def words(file: RuleFile) -> None:
    """Words of one language by what they speak for, then by their points; several stand in one text, with blanks between them."""
    data, raw = file.data, file.raw
    file.known(data, "kind", "lang", "words")
    file.lang(data.line, file.expect(data, "lang", str))
    by_category = file.expect(data, "words", Map)
    known = raw.words
    for category in by_category:
        at = by_category.lines[category]
        if category not in (*CATEGORIES, HARMLESS):
            _unknown_category(file, at, category, (*CATEGORIES, HARMLESS))
            continue
        rows = file.expect(by_category, category, Map)
        for key in rows:
            points = file.attempt(rows.lines[key], _points, str(key))
            said = (points, "" if category == HARMLESS else category)
            for text, line in file.texts(rows, key) if points is not None else ():
                for word in text.split():
                    kept = word if word[0] == "<" else fold(word) if word[-1] != "*" else fold(word.rstrip("*")) + "*"
                    if kept in known:
                        file.problem(line, _("%(word)s has points already", word=repr(word)))
                    known[kept] = said


def _unknown_category(file: RuleFile, line: int, category: str, known: tuple[str, ...]) -> None:
    file.problem(line, _("unknown category %(name)s (known: %(known)s)", name=repr(category), known=", ".join(known)))


def _points(text: str) -> float:
    try:
        return float(text)
    except ValueError as e:
        raise ValueError(_("%(text)s: points expected, a number such as 0.4 or -1.2", text=repr(text))) from e

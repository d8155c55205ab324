"""Lexicon entries: `kill/v`, `wip/v_e (them) out`, `put <GROUP> down =inf`, parsed to values."""

from __future__ import annotations

import re
from typing import NamedTuple

from safeguard.language import _
from safeguard.ruleset.model import TAG_BIT, Element

_TAGS = re.compile(r"\s+=([a-z,+]+)\s*$")
_ELEMENT = re.compile(r"([A-Z][A-Z0-9_]*)(?::([a-z|*]+))?(?:!([a-z|]+))?")
_PIECE = re.compile(r"<[^<>]*>|\([^()]*\)|\S+")
_WORDY = re.compile(r"\(([^()<>]* [^()<>]*)\)")
GAP = 3
MOST_VARIANTS = 64


class Word(NamedTuple):
    """One word of an entry. cls: its class, "" for the exact form, "*" for any ending; exact: `^`, spelt with these very letters."""

    stem: str
    cls: str
    exact: bool = False


class Part(NamedTuple):
    """One place in an entry: alternatives of words, a meaning, or a gap."""

    words: tuple[Word, ...] = ()
    element: Element | None = None
    optional: bool = False
    gap: int = 0
    negated: bool = False


class Entry(NamedTuple):
    """A parsed entry. tags: bits given by `=tag`."""

    parts: tuple[Part, ...]
    tags: int
    source: str


def is_meaning(name: str) -> bool:
    """Whether the name has the form of a meaning: KILL, BAD_TRAIT."""
    return bool(re.fullmatch(r"[A-Z][A-Z0-9_]*", name))


def tag_bits(names: str, sep: str = "|") -> int:
    """Bits of tag names. Raises ValueError naming the unknown one."""
    bits = 0
    for name in names.split(sep):
        if name not in TAG_BIT:
            raise ValueError(_("unknown tag %(name)s (known: %(known)s)", name=repr(name), known=", ".join(TAG_BIT)))
        bits |= TAG_BIT[name]
    return bits


def element(text: str) -> Element:
    """`MEANING`, `MEANING:tag|tag`, `MEANING:neg`, `MEANING:*`, `MEANING!tag`. Raises ValueError."""
    m = _ELEMENT.fullmatch(text.strip())
    if not m:
        raise ValueError(_("%(text)s is no MEANING[:tag|tag][!tag]", text=repr(text)))
    meaning, tags, forbidden = m.groups()
    neg = "no"
    wanted = 0
    if tags == "*":
        neg = "also"
    elif tags:
        names = tags.split("|")
        if "neg" in names:
            neg = "only"
            names.remove("neg")
        wanted = tag_bits("|".join(names)) if names else 0
    return Element(meaning, wanted, tag_bits(forbidden) if forbidden else 0, neg)


def _word(text: str) -> Word:
    if text.isalpha():
        return Word(text, "")
    exact = len(text) > 1 and text[0] == "^"
    if exact:
        text = text[1:]
    stem, slash, cls = text.rpartition("/")
    if not slash:
        stem, cls = text, ""
    if not cls and len(stem) > 1 and stem.endswith("*"):
        stem, cls = stem[:-1], "*"
    if not stem:
        raise ValueError(_("%(text)s: a word is missing before '/'", text=repr(text)))
    return Word(stem, cls, exact)


class Known(NamedTuple):
    """Places and words read so far: most of them stand in many lines."""

    parts: dict[str, Part]
    words: dict[str, Word]

    @classmethod
    def nothing(cls) -> Known:
        """Nothing read yet."""
        return cls({}, {})


def entries(text: str, known: Known | None = None) -> list[Entry]:
    """The entries of a line: one, or several where (these words|or these) has more than one word. Raises ValueError."""
    known = known or Known.nothing()
    if "(" not in text:
        return [_entry(text, known)]
    texts = [text]
    while m := next((m for t in texts if "(" in t and (m := _WORDY.search(t))), None):
        options = ["", *m.group(1).split("|")]
        texts = [n for t in texts for n in ([t.replace(m.group(), o, 1) for o in options] if m.group() in t else [t])]
        if len(texts) > MOST_VARIANTS:
            raise ValueError(_("more than %(most)s readings; split the line", most=MOST_VARIANTS))
    return [_entry(t, known) for t in texts]


def _entry(text: str, known: Known) -> Entry:
    tags = 0
    if "=" in text and (m := _TAGS.search(text)):
        tags = tag_bits(m.group(1).replace("+", ","), ",")
        text = text[: m.start()]
    parts = []
    for piece in _PIECE.findall(text) if "<" in text or "(" in text else text.split():
        part = known.parts.get(piece)
        if part is None:
            part = known.parts[piece] = _part(piece, known.words)
        parts.append(part)
    for _words, _element, optional, gap, negated in parts:
        if not (optional or gap or negated):
            break
    else:
        raise ValueError(_("an entry needs at least one word that must be there"))
    while parts[0].optional or parts[0].gap:  # a phrase is found by its first word
        parts.pop(0)
    return Entry(tuple(parts), tags, text.strip())


def _part(piece: str, known: dict[str, Word]) -> Part:
    if piece == "..":
        return Part(gap=GAP)
    optional = piece[0] == "(" and piece[-1] == ")"
    if optional:
        piece = piece[1:-1].strip()
    negated = len(piece) > 1 and piece[0] == "!"
    if negated:
        piece = piece[1:]
    if piece.startswith("<"):
        return Part(element=element(piece[1:-1]), optional=optional, negated=negated)
    texts = [t for t in piece.split("|") if t]
    if not texts:
        raise ValueError(_("brackets or bars without a word in them"))
    for text in texts:
        if text not in known:
            known[text] = _word(text)
    return Part(tuple(map(known.__getitem__, texts)), None, optional, 0, negated)

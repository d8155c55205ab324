"""Words of a unit with their offsets, sentences, clauses and quotations, in one pass over each segment.

A token is a word (letters, digits, and what disguises letters) or an emoji; punctuation only separates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from safeguard.text.fold import APOSTROPHES, INVISIBLE, fold
from safeguard.text.unit import Role, Segment

_GLUE = INVISIBLE + re.escape(APOSTROPHES + "՛՜՞՟")
# A sign of woman or man joined to an emoji only says how it is drawn.
_EMOJI = r"[\U0001F1E6-\U0001F1FF]{2}|(?!(?<=\u200d)[♀♂])[\U0001F000-\U0001FAFF\u2600-\u27BF\u2B00-\u2BFF\u2190-\u21FF\u231A-\u23FF♀-♂]"
# Symbols stand for letters only inside a word: k!ll, a$$, f**k. A leading @ or # is a mention or a hashtag.
# An emoji glued between letters on both sides stands for one of them: b🌟tch.
_INNER = rf"(?:(?<=[^\W\d_])(?:{_EMOJI})\ufe0f?(?=[^\W\d_]))"
_WORD = rf"[#@]?\w[\w{_GLUE}]*(?:(?:[@$!*€|+·](?=[\w@$!*€])|{_INNER})[\w{_GLUE}@$!*€|+·]*(?<![!*|+·]))*"
# A language tag (BCP 47) is nobody's word; of the scripts (ISO 15924) those whose codes are near the name of no people.
_TAG = r"(?<![\w-])[a-z]{2,3}[-_](?i:latn|cyrl|hans|hant|deva|beng|guru|taml|telu|olck|tfng|nkoo|vaii|mtei)(?:[-_][A-Z]{2})?(?![\w-])"
_SCAN = re.compile(
    rf"(?P<unread>https?://\S+|www\.\S+|{_TAG})|(?P<word>{_WORD})|(?P<emoji>{_EMOJI})|(?P<mark>\.{{2,}}|[.!?…։;:,՝\n\r|()\[\]«»“”„‟\"‹›—–])"
)
_ADDRESS = re.compile(r"(?:^|(?<=[(\[\"«“„,;]))(?:https?://|www\.)\S")  # takes the rest of a text without blanks
_INNER_EMOJI = re.compile(_INNER)
_SINGLE_GAP = re.compile(r"[ .\-_*·,]")
_OPEN = {"«": "»", "“": "”", "„": "“”", "‹": "›", "‟": "”"}
_END = frozenset(".!?…։\n\r|")
_CLAUSE = frozenset(",;:—–()[]՝")
_PRONOUNS = "i|you|we|they|he|she|it|that|there|who|what|someone|somebody|everyone|everybody|here|where|how"
_CLITIC = re.compile(rf"({_PRONOUNS})[{re.escape(APOSTROPHES)}](ll|re|ve|m|d|s)", re.IGNORECASE)
_DETACHED = frozenset({"կ", "կը", "կու", "չ"})
_ARMENIAN = re.compile(r"[Ա-և]")
SPACED = re.compile(r"(?<![^\W_])(?:[Ոո]ւ|[^\W\d_])(?:[ .\-_*·](?:ու|[^\W\d_])){2,}(?![^\W_])")


@dataclass(slots=True)
class Tokens:
    """Parallel lists, one entry a token, over all segments of a unit in order.

    word: folded; start, end: code points in the segment; seg: segment index; sent, clause: running numbers over the unit;
    quote: number of the quotation the token stands in, 0 outside; after_bar: the token begins a poll option.
    """

    word: list[str] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    seg: list[int] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    clause: list[int] = field(default_factory=list)
    quote: list[int] = field(default_factory=list)
    option: list[int] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    question: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.word)

    def add(self, word: str, start: int, end: int, seg: int, sent: int, clause: int, option: int, raw: str) -> None:
        """One more token."""
        self.word.append(word)
        self.start.append(start)
        self.end.append(end)
        self.seg.append(seg)
        self.sent.append(sent)
        self.clause.append(clause)
        self.quote.append(0)
        self.option.append(option)
        self.raw.append(raw)


_WORDS = re.compile(rf"{_WORD}|{_EMOJI}")


def words(text: str) -> list[str]:
    """The words and emoji of a text as written, but for letters spaced out; faster than tokens where places do not matter."""
    return _WORDS.findall(text)


def stretch_words(stretch: str) -> list[str]:
    """The same of a text without blanks; an address in it says nothing."""
    address = _ADDRESS.search(stretch)
    return words(stretch[: address.start()] if address else stretch)


# What machines write and nobody reads, in JSON among the texts: keys and hashes, tokens, colours.
_KEY = r"(?=(?:\D*\d){3})[0-9a-f]{12,}"
_TOKEN = r"(?=(?:\D*\d+){4})(?=(?:[^a-z]*[a-z]){4})(?=(?:[^A-Z]*[A-Z]){4})[\w+/=.-]{32,}"
_COLOUR = r"#(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{6}"
_SHORTEST_MACHINE = 7
_LONG_NUMBER = re.compile(r"(?:(?<=[^\W\d_]{3})(_?)[0-9]{5,}|^([0-9]{4})[0-9]+)$")
_MACHINE = re.compile(f"{_KEY}|{_TOKEN}|{_COLOUR}", re.ASCII)


def by_machine(stretch: str) -> bool:
    """Whether a text without blanks is a key, a token or a colour."""
    return len(stretch) >= _SHORTEST_MACHINE and _MACHINE.fullmatch(stretch) is not None


def numbers_cut(stretch: str) -> str:
    """A text without blanks with a long number at its end cut short: user48213 and user9077711 say the same, 20481234 what 2048 does."""
    return _LONG_NUMBER.sub(r"\1\g<2>00000", stretch) if stretch[-1:].isdigit() else stretch


@lru_cache(maxsize=50_000)
def folded(piece: str) -> str:
    """A word as written, folded; an emoji between its letters stands for one of them."""
    return fold(piece) if len(piece) < 3 or piece.isalnum() else fold(_INNER_EMOJI.sub("*", piece))


@lru_cache(maxsize=50_000)
def unglued(piece: str) -> tuple[str, ...]:
    """A word as written without its English clitic, and the clitic (they're: they, re); else the word alone."""
    if piece.isalnum():
        return (piece,)
    clitic = _CLITIC.fullmatch(piece)
    return clitic.groups() if clitic else (piece,)


def tokenize(segments: Sequence[Segment]) -> Tokens:
    """The tokens of a unit. Linear in the length of the text."""
    out = Tokens()
    sent = clause = quotes = 0
    for index, segment in enumerate(segments):
        if index:
            sent += 1
            clause += 1
        option = sent if segment.role is Role.POLL_OPTION else 0
        sent, clause, quotes = _scan(out, segment.text, index, sent, clause, quotes, option)
    return out


def _scan(out: Tokens, text: str, index: int, sent: int, clause: int, quotes: int, option: int) -> tuple[int, int, int]:
    first = len(out)
    opened: list[tuple[str, int]] = []  # closing marks wanted, number of the first token inside
    straight = text.count('"') % 2 == 0
    spaced = {m.start(): m.end() for m in SPACED.finditer(text)} if SPACED.search(text) else {}
    fresh = True  # nothing since the last sentence end
    at = 0
    for m in _SCAN.finditer(text):
        if m.start() < at:
            continue  # inside a word spaced out
        kind, piece = m.lastgroup, m.group()
        at = m.end()
        if kind == "mark":
            if piece in '«“„‹‟»”›"':
                quotes = _quotation(out, piece, opened, straight, quotes)
            elif piece[0] in _END or (piece == ":" and out.word and len(out) > first and _ARMENIAN.match(out.word[-1])):
                if piece[0] == "?" and len(out) > first:
                    out.question.add(sent)
                if not fresh:
                    sent += 1
                    clause += 1
                    fresh = True
                if piece == "|":
                    option = sent
                elif piece in "\n\r":
                    option = option if option and text.find("|", at) >= 0 else 0
            elif piece[0] in _CLAUSE or piece.startswith(".."):
                clause += 1
            continue
        if kind == "unread":
            continue
        if kind == "word" and m.start() in spaced:
            at = spaced[m.start()]
            piece = text[m.start() : at]
            word = fold(_SINGLE_GAP.sub("", piece))
        else:
            word = folded(piece)
        if kind == "word" and "՞" in piece:
            out.question.add(sent)
        if not word or word in "#@":
            continue
        fresh = False
        if kind == "word" and len(out) > first and out.word[-1] in _DETACHED and _ARMENIAN.match(word) and m.start() - out.end[-1] <= 1:
            out.word[-1] = out.word[-1][0] + word  # կը սպանեմ, չ սպանես: the prefix is written apart
            out.end[-1] = at
            out.raw[-1] = text[out.start[-1] : at]
            continue
        if kind == "word" and len(unglued(piece)) > 1 and (clitic := _CLITIC.fullmatch(piece)):
            # they're: two words, or the verb is lost; not Ermeni'ler
            for part in (1, 2):
                a, b = m.start() + clitic.start(part), m.start() + clitic.end(part)
                out.add(fold(text[a:b]), a, b, index, sent, clause, option, text[a:b])
            continue
        out.add(word, m.start(), at, index, sent, clause, option, piece)
    return sent, clause, quotes


def _quotation(out: Tokens, mark: str, opened: list[tuple[str, int]], straight: bool, quotes: int) -> int:
    """Open or close a quotation; marks its tokens when it closes. Unclosed ones count as none."""
    if mark == '"':
        if not straight:
            return quotes
        mark = "close" if opened and opened[-1][0] == '"' else "open"
        if mark == "open":
            opened.append(('"', len(out)))
            return quotes
    elif mark in _OPEN and not (opened and mark in opened[-1][0]):
        opened.append((_OPEN[mark], len(out)))
        return quotes
    elif not opened or mark not in opened[-1][0]:
        return quotes
    _, begin = opened.pop()
    quotes += 1
    for i in range(begin, len(out)):
        out.quote[i] = quotes
    return quotes

"""Folding: case, diacritics, width and styled letters, zero-width characters undone once, for texts and rules alike.

Two texts that a reader takes for the same word fold to the same string; lengths may change, so offsets are kept by token.
"""

from __future__ import annotations

import unicodedata

# Blocks whose characters are folded; all else stays as it is. (Unicode 15 block names in the order of the pairs.)
_RANGES = (
    (0x41, 0x2AF),  # Basic Latin .. IPA
    (0x370, 0x3FF),  # Greek
    (0x400, 0x52F),  # Cyrillic
    (0x531, 0x58A),  # Armenian
    (0x1D00, 0x1DBF),  # Phonetic extensions
    (0x1E00, 0x1EFF),  # Latin extended additional
    (0x2070, 0x209C),  # super- and subscripts
    (0x2100, 0x214F),  # letterlike
    (0x2460, 0x24FF),  # enclosed alphanumerics
    (0xA640, 0xA69F),  # Cyrillic extended B
    (0xFB00, 0xFB17),  # Latin and Armenian ligatures
    (0xFF10, 0xFF5A),  # full width
    (0x1D400, 0x1D7FF),  # mathematical alphanumerics
    (0x1F130, 0x1F189),  # squared letters
)
# What stays as it is and stands in most texts is in the table too: what a table lacks costs an exception inside, thrice the time.
_OFTEN = ((0x20, 0x7E), (0x400, 0x52F), (0x531, 0x58A))
# NFKD does not take these apart, or takes apart what must stay whole.
_BY_HAND = {
    "ı": "i", "İ": "i", "ə": "e", "Ə": "e", "æ": "ae", "Æ": "ae", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ł": "l", "Ł": "l", "ħ": "h",
    "й": "й", "Й": "й", "ї": "ї", "Ї": "ї", "ё": "е", "Ё": "е", "ў": "ў", "Ў": "ў", "ѓ": "г", "ќ": "к", "ғ": "ғ", "Ғ": "ғ",
    "և": "եվ", "է": "ե", "Է": "ե", "օ": "ո", "Օ": "ո",
    # Armenian intonation marks stand inside words: ի՞նչ
    "՛": "", "՜": "", "՞": "", "՟": "", "ՙ": "",
}  # fmt: skip
# Apostrophes inside words carry no meaning for us: Ermeni'ler, don't, ubit'
_APOSTROPHES = "'’‘ʼʻʹ`´＇′ʾʿ՚֊"
_INVISIBLE_RANGES = (
    (0xAD, 0xAD), (0x300, 0x36F), (0x483, 0x487), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180E, 0x180E), (0x200B, 0x200F),
    (0x202A, 0x202E), (0x2060, 0x206F), (0x20D0, 0x20F0), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0x1F3FB, 0x1F3FF), (0xE0000, 0xE007F),
)  # fmt: skip
_INVISIBLE = [code for first, last in _INVISIBLE_RANGES for code in range(first, last + 1)]


def _fold_char(c: str) -> str:
    if c in _BY_HAND:
        return _BY_HAND[c]
    plain = "".join([d for d in unicodedata.normalize("NFKD", c) if not unicodedata.combining(d)])
    return "".join([_BY_HAND.get(d, d) for d in plain.casefold()])


def _table() -> dict[int, str | int]:
    table: dict[int, str | int] = {}
    for first, last in _RANGES:
        for code in range(first, last + 1):
            c = chr(code)
            folded = _fold_char(c)
            if folded != c:
                table[code] = folded
    table.update((ord(c), "") for c in _APOSTROPHES)
    table.update((code, "") for code in _INVISIBLE)
    # Squared and circled letters of regional indicators stay: a pair of them is a flag.
    for first, last in _OFTEN:
        for code in range(first, last + 1):
            table.setdefault(code, code)
    return table


TABLE = _table()
INVISIBLE = "".join(f"{chr(first)}-{chr(last)}" for first, last in _INVISIBLE_RANGES)
"""As a class of a pattern has them: ranges, which are compiled and looked through sooner than hundreds of characters."""
APOSTROPHES = _APOSTROPHES


def fold(text: str) -> str:
    """The text folded. fold(fold(x)) == fold(x)."""
    if text.isascii() and text.isalnum():
        return text.lower()  # what the table says, sooner
    return text.translate(TABLE)


_KEPT_APART = str.maketrans(dict.fromkeys(map(ord, _APOSTROPHES), None) | dict.fromkeys(_INVISIBLE, None) | {"İ": "i", "I": "I"})


def exact(text: str) -> str:
    """The text in small letters with its diacritics, for words that folding would merge (öl/ol); `I` stays, as it may be ı or i."""
    composed = unicodedata.normalize("NFC", text).translate(_KEPT_APART)
    return "".join(c if c == "I" else c.lower() for c in composed)


def begins_exactly(text: str, stem: str) -> bool:
    """Whether exact(text) begins with the letters of a stem, where `I` in the text stands for ı and i."""
    return len(text) >= len(stem) and all(c == s or (c == "I" and s in "ıi") for c, s in zip(text, stem, strict=False))

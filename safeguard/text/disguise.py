"""Undoing disguises of a single folded token: look-alike letters, digits and symbols for letters, repeated letters.

Each function gives other readings of the token; whether one is a word is for the lexicon to say.
Look-alikes: the common subset of Unicode's confusables (UTS #39) between Latin, Cyrillic, Greek and Armenian small letters.
"""

from __future__ import annotations

import re

_LATIN_LOOKS = str.maketrans({
    "а": "a", "в": "b", "е": "e", "к": "k", "м": "m", "н": "h", "о": "o", "р": "p", "с": "c", "т": "t", "у": "y", "х": "x", "і": "i", "ј": "j", "ѕ": "s",
    "ԁ": "d", "һ": "h", "г": "r", "п": "n", "и": "u", "ь": "b", "б": "b", "з": "3",
    "α": "a", "β": "b", "ε": "e", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p", "τ": "t", "υ": "u", "χ": "x", "ω": "w", "η": "n", "σ": "o",
    "օ": "o", "ս": "u", "ո": "n", "հ": "h", "ց": "g", "յ": "j", "ղ": "n", "զ": "q", "լ": "l", "ք": "p", "ա": "w", "տ": "s", "ռ": "n",
})  # fmt: skip
_CYRILLIC_LOOKS = str.maketrans({
    "a": "а", "b": "в", "c": "с", "e": "е", "h": "н", "k": "к", "m": "м", "n": "п", "o": "о", "p": "р", "t": "т", "x": "х", "y": "у", "i": "и", "u": "и", "r": "г", "g": "д", "d": "д",
    "s": "с", "v": "в", "3": "з", "0": "о", "4": "ч", "6": "б", "1": "и", "ο": "о", "α": "а", "ε": "е", "օ": "о", "@": "а", "$": "с", "8": "в", "і": "и",
})  # fmt: skip
_ARMENIAN_LOOKS = str.maketrans({
    "o": "օ", "u": "ս", "n": "ո", "h": "հ", "g": "ց", "j": "յ", "q": "զ", "l": "լ", "p": "ք", "w": "ա", "a": "ա", "e": "ե", "i": "ի", "t": "տ", "s": "ս",
    "r": "ր", "k": "կ", "m": "մ", "d": "դ", "y": "յ", "z": "զ", "v": "վ", "f": "ֆ", "b": "բ", "x": "խ", "0": "օ", "3": "ե", "1": "ի", "4": "ա", "5": "ս", "@": "ա", "$": "ս",
    "о": "օ", "а": "ա", "е": "ե", "һ": "հ", "ո": "ո",
})  # fmt: skip
_LEET = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s", "!": "il", "€": "e", "|": "il", "+": "t",
    "*": "", "·": "", "_": "",
}  # fmt: skip
_CYRILLIC_LEET = {
    "0": "о", "1": "ил", "3": "ез", "4": "ча", "5": "с", "6": "б", "7": "т", "8": "в", "9": "д", "@": "а", "$": "с", "!": "и", "€": "е", "|": "л", "+": "т",
    "*": "", "·": "", "_": "",
}  # fmt: skip
_ANY_VOWEL = ("uiaeo", "уиаео")
_SYMBOL = re.compile(r"[0-9@$!*€|+·_]")
_LATIN = re.compile(r"[a-z]")
_CYRILLIC = re.compile(r"[а-яёәҝҹөүғһјіїєѕԁ]")
_ARMENIAN = re.compile(r"[ա-ևֈ]")
_OTHER = re.compile(r"[α-ω]")
_RUN = re.compile(r"(.)\1{2,}")
_PAIR = re.compile(r"(.)\1")
VARIANTS = 24  # most readings of one token


def scripts(token: str) -> str:
    """The scripts whose letters stand in a folded token, as a string of l(atin) c(yrillic) a(rmenian) g(reek)."""
    return (
        ("l" if _LATIN.search(token) else "")
        + ("c" if _CYRILLIC.search(token) else "")
        + ("a" if _ARMENIAN.search(token) else "")
        + ("g" if _OTHER.search(token) else "")
    )


def has_symbols(token: str) -> bool:
    """Whether digits or symbols stand beside letters in the token."""
    return bool(_SYMBOL.search(token)) and any(c.isalpha() for c in token)


def unmixed(token: str) -> list[str]:
    """Readings of a token of mixed scripts (or with symbols) in one script each."""
    found = scripts(token)
    out = []
    if "l" in found or "g" in found or has_symbols(token):
        if "c" in found:
            out.append(token.translate(_CYRILLIC_LOOKS))
        if "a" in found:
            out.append(token.translate(_ARMENIAN_LOOKS))
    if len(found) > 1 or "g" in found:
        out.append(token.translate(_LATIN_LOOKS))
    if "c" in found and "l" not in found and len(token) > 2:
        out.append(token.translate(_LATIN_LOOKS))
    return [o for o in dict.fromkeys(out) if o != token]


def unleet(token: str) -> list[str]:
    """Readings of a token with digits and symbols for letters: k1ll, 4rmen14n, f*ck, см3рть (at most VARIANTS)."""
    table = _CYRILLIC_LEET if "c" in scripts(token) else _LEET
    readings = [""]
    for c in token:
        options = table.get(c, c)
        if options == "":
            readings = [r + o for r in readings for o in ("", *_ANY_VOWEL[table is _CYRILLIC_LEET])][:VARIANTS]
        elif len(options) > 1 and len(readings) * len(options) > VARIANTS:
            readings = [r + options[0] for r in readings]
        else:
            readings = [r + o for r in readings for o in options]
    return [r for r in dict.fromkeys(readings) if r != token]


def unstretched(token: str) -> list[str]:
    """Readings of a token with letters repeated: kiiiill -> kill, kil."""
    if not _RUN.search(token):
        return []
    two, one = _RUN.sub(r"\1\1", token), _RUN.sub(r"\1", token)
    return [r for r in dict.fromkeys((one, two, _PAIR.sub(r"\1", two))) if r != token]

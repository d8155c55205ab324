"""Languages typed in another alphabet: a lossy skeleton that text and lexicon share.

Russian and Armenian typed in Latin letters, Azerbaijani and Armenian typed in Cyrillic. The usual schemes disagree (sh/w, kh/x/h, q/k), so both sides
are brought to one skeleton rather than guessing the scheme. Sources: ISO 9, GOST 7.79, BGN/PCGN and Hübschmann-Meillet, and chat usage.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_RU = str.maketrans(dict(zip("абвгдезийклмнопрстуфхыэіїў", "abvgdeziiklmnoprstufhieiiu", strict=True)) | {
    "ж": "j", "ц": "c", "ч": "4", "ш": "6", "щ": "6", "ъ": "", "ь": "", "ю": "iu", "я": "ia",
})  # fmt: skip
_RU_LATIN = {
    "shch": "6", "sch": "6", "sh": "6", "zh": "j", "kh": "h", "ch": "4", "ts": "c", "tz": "c", "yo": "e", "jo": "e", "ye": "e",
    "je": "e", "yu": "iu", "ju": "iu", "ya": "ia", "ja": "ia", "yy": "ii", "x": "h", "w": "6", "y": "i", "q": "k",
}  # fmt: skip
_HY = str.maketrans(
    dict(zip("աբգդեզէըթժիլխկհձղմյնշոպջռսվտրցւփքօֆ", "abgdeze_tjilxkhJxmin6opjrsvtrcvpkof", strict=True))
    | {
        "ը": "",
        "ծ": "c",
        "ճ": "4",
        "չ": "4",
        "ձ": "c",
        "շ": "6",
    }
)
_HY_LATIN = {
    "tch": "4", "dzh": "j", "sch": "6", "gh": "x", "kh": "x", "qh": "x", "zh": "j", "sh": "6", "ch": "4", "ts": "c", "tz": "c",
    "tc": "c", "dz": "c", "dj": "j", "ou": "u", "oo": "u", "ee": "i", "ph": "p", "th": "t", "@": "", "q": "k", "w": "v",
}  # fmt: skip
_HY_CYRILLIC = {
    "дз": "c", "тц": "c", "тс": "c", "дж": "j", "тч": "4", "гх": "x", "кх": "x", "пх": "p", "тх": "t", "оу": "u", "я": "ia",
    "ю": "iu", "ё": "io", "е": "e", "щ": "6", "ш": "6", "ж": "j", "ч": "4", "ц": "c", "х": "h", "г": "g", "э": "e", "ы": "",
    "ъ": "", "ь": "", "й": "i", "қ": "k", "ҡ": "k", "ҝ": "k", "ғ": "g", "һ": "h", "ҳ": "h", "ҷ": "j", "җ": "j", "і": "i",
}  # fmt: skip
_AZ_CYRILLIC = str.maketrans({
    "а": "a", "б": "b", "в": "v", "г": "q", "ғ": "g", "д": "d", "е": "e", "ә": "e", "ж": "j", "з": "z", "и": "i", "ы": "i", "ј": "y", "й": "y", "к": "k", "ҝ": "g",
    "л": "l", "м": "m", "н": "n", "о": "o", "ө": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ү": "u", "ф": "f", "х": "x", "һ": "h", "ч": "c", "ҹ": "c",
    "ш": "s", "э": "e", "ю": "yu", "я": "ya", "ц": "s", "щ": "s", "ъ": "", "ь": "",
})  # fmt: skip
# One pass, longest first: sequential replacing would read the result of an earlier one again (zh -> j, ju -> iu).
_RU_LATIN_RE, _HY_LATIN_RE, _HY_CYRILLIC_RE = (
    re.compile("|".join(sorted(map(re.escape, pairs), key=len, reverse=True))) for pairs in (_RU_LATIN, _HY_LATIN, _HY_CYRILLIC)
)
_J = re.compile(r"j[aeou]")
_DOUBLE = re.compile(r"(.)\1+")


def _replaced(token: str, pairs: dict[str, str], pattern: re.Pattern[str]) -> str:
    return pattern.sub(lambda m: pairs[m.group()], token)


def ru_skeleton(word: str) -> str:
    """Skeleton of a folded Russian word in Cyrillic (lexicon side)."""
    return _DOUBLE.sub(r"\1", word.translate(_RU))


def ru_from_latin(token: str) -> list[str]:
    """Skeletons of a folded token typed in Latin letters (text side); `j` may be ж or stand before a vowel (ja = я)."""
    typed = [token, token.replace("j", "zh")] if _J.search(token) else [token]
    return _with_single(_replaced(t, _RU_LATIN, _RU_LATIN_RE) for t in typed)


def _with_single(readings: Iterable[str]) -> list[str]:
    """Each reading with its double letters as one too: the lexicon's skeletons have none, but where a stem meets its ending (евре-ев)."""
    return list(dict.fromkeys(r for reading in readings for r in (_DOUBLE.sub(r"\1", reading), reading)))


def hy_skeleton(word: str) -> str:
    """Skeleton of a folded Armenian word (lexicon side): ը is dropped, aspirates merge, word-initial ո is `o`, ու is `u`."""
    word = word.replace("ու", "u").replace("եւ", "ev").replace("եվ", "ev")
    return _DOUBLE.sub(r"\1", word.translate(_HY))


def hy_from_latin(token: str) -> list[str]:
    """Skeletons of a folded token typed in Latin letters: the plain one, and one without the letters that often stand for ը."""
    if token[:2] == "vo":
        token = token[1:]
    if token[:2] == "ye":
        token = token[1:]
    base = _replaced(token, _HY_LATIN, _HY_LATIN_RE)
    digits = base.replace("3", "z").replace("0", "o")
    whole = digits.replace("y", "i")
    first = _DOUBLE.sub(r"\1", whole)
    loose = re.sub(r"(?<=[^aeiou])y(?=[^aeiou])", "", digits)
    if len(loose) >= 4:
        loose = re.sub(r"(?<=[^aeiou])[ye]$", "", loose)
    loose = _DOUBLE.sub(r"\1", loose.replace("y", "i"))
    # A schwa typed between the first two consonants: kespanem, serbel
    tight = re.sub(r"^([^aeiou])[eyi](?=[^aeiou])", r"\1", digits)
    tight = _DOUBLE.sub(r"\1", tight.replace("y", "i"))
    out = [first, loose, whole]
    if len(tight) >= 4:
        out.append(tight)
    if "c" in token and "ch" not in token and "ts" not in token:
        out.append(first.replace("c", "4"))
    return list(dict.fromkeys(out))


def hy_from_cyrillic(token: str) -> list[str]:
    """Skeletons of a folded token of Armenian typed in Cyrillic; х stands for հ or խ."""
    token = re.sub(r"^в(?=о)|^й(?=е)", "", token)
    base = _DOUBLE.sub(r"\1", _replaced(token, _HY_CYRILLIC, _HY_CYRILLIC_RE).translate(_RU))
    out = [base]
    if "h" in base:
        out.append(base.replace("h", "x"))
    if base[:1] in ("g", "a"):
        out.append("h" + base.lstrip("g"))
    if "g" in base:
        out.append(base.replace("g", "x"))
    return list(dict.fromkeys(out))


def az_from_cyrillic(token: str) -> str:
    """Latin spelling of a folded token of Azerbaijani typed in Cyrillic (alphabet of 1958, or plain Russian letters)."""
    return token.translate(_AZ_CYRILLIC)

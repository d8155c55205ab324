"""What stands where hidden text stood, or before a text that is shown with a warning: short, with the code of the log. Pure.

In the page's language, else the child's.
"""

from __future__ import annotations

import re

NOTICES = {
    "en": "[Hidden by SafeGuard: {what}. Code {code}. Ask a parent.]",
    "ru": "[Скрыто SafeGuard: {what}. Код {code}. Спроси родителей.]",
    "tr": "[SafeGuard gizledi: {what}. Kod {code}. Anne babana sor.]",
    "az": "[SafeGuard gizlətdi: {what}. Kod {code}. Valideyninə de.]",
    "hy": "[Թաքցրել է SafeGuard-ը. {what}։ Կոդ {code}։ Հարցրու ծնողիդ։]",
}

WHAT = {
    "en": {"threat": "a threat", "slur": "an insult", "parent": "a text your parents do not want here", "": "hate"},
    "ru": {"threat": "угроза", "slur": "оскорбление", "parent": "текст, который запретили родители", "": "ненависть"},
    "tr": {"threat": "tehdit", "slur": "hakaret", "parent": "annenle babanın istemediği bir metin", "": "nefret"},
    "az": {"threat": "hədə", "slur": "təhqir", "parent": "valideynlərinin istəmədiyi mətn", "": "nifrət"},
    "hy": {"threat": "սպառնալիք", "slur": "վիրավորանք", "parent": "տեքստ, որ ծնողներդ չեն ուզում այստեղ", "": "ատելություն"},
}

WARNINGS = {
    "en": "[SafeGuard warns: {what}. Code {code}.] ",
    "ru": "[SafeGuard предупреждает: {what}. Код {code}.] ",
    "tr": "[SafeGuard uyarıyor: {what}. Kod {code}.] ",
    "az": "[SafeGuard xəbərdarlıq edir: {what}. Kod {code}.] ",
    "hy": "[SafeGuard-ը զգուշացնում է. {what}։ Կոդ {code}։] ",
}

UNCHECKED = {
    "en": "[SafeGuard could not check this text.]",
    "ru": "[SafeGuard не смог проверить этот текст.]",
    "tr": "[SafeGuard bu metni denetleyemedi.]",
    "az": "[SafeGuard bu mətni yoxlaya bilmədi.]",
    "hy": "[SafeGuard-ը չկարողացավ ստուգել այս տեքստը։]",
}

REVEAL = {
    "en": " [Click to see it. Your parents will know.]",
    "ru": " [Нажми, чтобы увидеть. Родители узнают.]",
    "tr": " [Görmek için tıkla. Annen baban bilecek.]",
    "az": " [Görmək üçün kliklə. Valideynlərin biləcək.]",
    "hy": " [Սեղմիր՝ տեսնելու համար։ Ծնողներդ կիմանան։]",
}

_CODE = re.compile(r"(?=.*SafeGuard)\[.*\b([A-Z2-7]{4}-[A-Z2-7]{4})\b.*\]", re.S)

LONGEST = 1500
"""Characters of a notice with the longest help lines in it."""

KIND = {"threat": "threat", "personal_threat": "threat", "slur": "slur", "parent_list": "parent"}


def language(wanted: str, fallback: str = "en") -> str:
    """The notice language for a language tag such as `hy-AM`; fallback where we do not speak it."""
    primary = wanted.replace("_", "-").split("-")[0].lower()
    return primary if primary in NOTICES else fallback


def notice(category: str, code: str, lang: str) -> str:
    """The notice for one hidden segment. lang is one of NOTICES."""
    return NOTICES[lang].format(what=WHAT[lang][KIND.get(category, "")], code=code)


def warning(category: str, code: str, lang: str) -> str:
    """What stands before a text that is shown with a warning; ends in a blank. lang is one of NOTICES."""
    return WARNINGS[lang].format(what=WHAT[lang][KIND.get(category, "")], code=code)


def with_help(said: str, lines: str) -> str:
    """A notice or warning with where to get help, in its brackets; lines: "" for nothing to add."""
    end = said.rfind("]")
    return f"{said[:end]} {lines}{said[end:]}" if lines else said


def is_threat(category: str) -> bool:
    """Whether a child who reads that may need help."""
    return KIND.get(category) == "threat"


def code_in(text: str) -> str:
    """The code of a notice of ours, "" where the text is none."""
    found = _CODE.fullmatch(text.strip()) if len(text) < LONGEST else None
    return found[1] if found else ""

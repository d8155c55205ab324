"""What an entry of a family's list is, and what is wrong with one before it is written; commands and the page say it in their words."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum

from safeguard.ruleset import patterns
from safeguard.system.terminal import safe
from safeguard.text.tokens import tokenize
from safeguard.text.unit import Segment

KEYS = {
    "word": "words",
    "exact": "exact",
    "phrase": "phrases",
    "regex": "regex",
    "fuzzy": "fuzzy",
    "account": "accounts",
    "link": "links",
    "hashtag": "hashtags",
}
"""What an entry is -> the key of a rule file under which it stands."""
MOST = 500  # characters of one entry


class Wrong(StrEnum):
    """What an entry would find nothing by, or everything."""

    INVISIBLE = "invisible"
    LONG = "long"
    PATTERN = "pattern"
    EVERYTHING = "everything"
    LINK = "link"
    ACCOUNT = "account"
    WORDLESS = "wordless"
    SHORT = "short"


def tidy(text: str) -> str:
    """As it is kept: one blank between words, none around them."""
    return " ".join(text.split())


def guess(value: str) -> str:
    """What it is, where nobody said: told by how it begins."""
    if value.startswith("#"):
        return "hashtag"
    if value.startswith("@"):
        return "account"
    if re.match(r"https?://", value):
        return "link"
    return "phrase" if " " in value else "word"


def is_name(name: str) -> bool:
    """Whether a list may be called so; `overrides` is the file of what is switched off."""
    return bool(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name)) and name != "overrides"


def day(until: str) -> date | None:
    """The day in the one spelling that rule files have (2027-01-31); None for any other text."""
    try:
        return date.fromisoformat(until) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", until) else None
    except ValueError:
        return None


def over(until: str) -> bool:
    """Whether that last day is past; one without ("") never is."""
    return bool(until) and until < date.today().isoformat()


def wrong(kind: str, value: str) -> tuple[Wrong, str] | None:
    """What is wrong with it, and a detail for people (why a pattern cannot be used), else None."""
    if safe(value) != value:
        return Wrong.INVISIBLE, ""
    if len(value) > MOST:
        return Wrong.LONG, str(len(value))
    if kind == "regex":
        try:
            everything = patterns.everything(patterns.compiled(value))
        except ValueError as e:
            return Wrong.PATTERN, str(e)
        return (Wrong.EVERYTHING, "") if everything or not value else None
    if kind == "link":
        return (Wrong.LINK, "") if len(value) < 4 or "." not in value else None
    if kind == "account":
        return None if value.lstrip("@") else (Wrong.ACCOUNT, "")
    if not any(c.isalnum() for w in tokenize((Segment(value.rstrip("*")),)).word for c in w) and not _symbols(value):
        return Wrong.WORDLESS, ""
    return (Wrong.SHORT, value[:-1]) if kind == "word" and value.endswith("*") and len(value) < 4 else None


def _symbols(value: str) -> bool:
    """Whether it is made of emoji or the like, which can be found too."""
    return bool(tokenize((Segment(value),)).word) and any(ord(c) > 0x2000 for c in value)

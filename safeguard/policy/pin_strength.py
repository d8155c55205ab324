"""Which PINs are too easy: what a child who knows the family tries first. Pure."""

from __future__ import annotations

import re
import unicodedata

from safeguard.language import _

DIGITS = 6
CHARACTERS = 8
LONGEST = 128
DIFFERENT = 4
"""Fewer different characters than these make 111111, 123123, 112233, 123321, 100200."""
ROWS = (
    *("01234567890", "1357924680", "2468013579", "147258369", "159753", "159357"),
    *("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop"),
    *("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
)
"""What lies in a row in the alphabet or under the fingers; forwards and backwards."""
_EASY = (
    "123654 321456 789456 456789 987321 741852 852963 963852 741963 789123 102030 112358 314159 271828 "
    "password passwort password1 iloveyou safeguard 1q2w3e4r q1w2e3r4 qwerty123 abcd1234 1234abcd admin123 "
    "letmein1 welcome1 football computer internet princess sunshine superman"
)
COMMON = frozenset(_EASY.split())
_YEAR = r"(?:19|20)\d\d"
_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
_DATE = re.compile(
    rf"{_DAY}{_MONTH}(?:\d\d|{_YEAR})|{_MONTH}{_DAY}(?:\d\d|{_YEAR})|(?:\d\d|{_YEAR})(?:{_MONTH}{_DAY}|{_DAY}{_MONTH})"
    rf"|{_YEAR}\d\d|\d\d{_YEAR}|{_YEAR}{_YEAR}"
)


def normal(pin: str) -> str:
    """The PIN as it is compared: one keyboard writes a letter in one piece, another in two; full-width digits are digits."""
    return unicodedata.normalize("NFKC", pin)


def weakness(pin: str) -> str:
    """What is wrong with that PIN, "" where it may be taken. The answer never has the PIN in it."""
    pin = normal(pin)
    if len(pin) > LONGEST:
        return _("a PIN has at most %(most)s characters", most=LONGEST)
    if any(unicodedata.category(c)[0] == "C" for c in pin):
        return _("a PIN has no invisible or control characters")
    if pin.isdecimal():
        digits = "".join(str(unicodedata.decimal(c)) for c in pin)
        return _("a PIN of digits has at least %(digits)s", digits=DIGITS) if len(digits) < DIGITS else _guessed(digits)
    if len(pin) < CHARACTERS:
        return _("a PIN has at least %(digits)s digits or %(characters)s characters", digits=DIGITS, characters=CHARACTERS)
    return _guessed(pin.casefold())


def _guessed(pin: str) -> str:
    if len(set(pin)) < DIFFERENT:
        return _("too easy to guess: a PIN has at least %(count)s different characters", count=DIFFERENT)
    if pin in COMMON or any(pin in row or pin in row[::-1] for row in ROWS) or _repeated(pin):
        return _("too easy to guess: this is one of the first that anybody tries")
    if _DATE.fullmatch(pin):
        return _("too easy to guess: it reads like a date or a year, and birthdays are tried first")
    return ""


def _repeated(pin: str) -> bool:
    """Whether it is a shorter piece over and over."""
    return any(pin == pin[:n] * (len(pin) // n) for n in range(1, len(pin) // 2 + 1) if len(pin) % n == 0)

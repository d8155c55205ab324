"""YAML of the shape that most rule files have, keys with lists of texts, read line by line: what strict_yaml says, in a fifth of the time.

Pure. Whatever is not plainly of that shape, broken files too, is left to the whole of YAML: `read` then answers None.
"""

from __future__ import annotations

import re

from safeguard.strict_yaml import MOST, Map, Seq

_FIRST = "-?:,[]{}#&*!|>'\"%@` "  # of what is no plain text
_QUOTED = re.compile(r"""("[^"\\]*"|'(?:[^']|'')*') *(?:(?<= )#.*)?""")
_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_]{0,99}): *")
# Line ends of YAML's own, tabs, and what no YAML file may have.
_ODD = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_NO_TEXT = re.compile(r"true|false|null|~|-?(?:0|[1-9][0-9]*)|-?[0-9]+\.[0-9]+")
_LONG = 10  # digits
_MAY_BE_NONE = "tfn~0123456789"  # what _NO_TEXT begins with, a plain text may too


def _scalar(text: str) -> str | int | None:
    """What a value stands for, its comment left out; None where that takes more of YAML."""
    if text[:1] in _FIRST:
        found = _QUOTED.fullmatch(text)
        return found[1][1:-1].replace("''", "'" if text[0] == "'" else "''") if found else None
    if " #" in text:
        text = text[: text.index(" #")]
    if text[-1] == " ":
        text = text.rstrip(" ")
    if text[-1] == ":" or ": " in text:
        return None
    if text[0] in _MAY_BE_NONE and _NO_TEXT.fullmatch(text):
        return int(text) if text.isdigit() and len(text) < _LONG else None
    return text


def read(text: str) -> Map | None:
    """The document as strict_yaml has it; None where a line asks for more of YAML than this knows."""
    lines = text.split("\n")
    if len(lines) > MOST or _ODD.search(text):
        return None
    out = Map()
    items: Seq | None = None  # of the key, where a list may follow
    for number, line in enumerate(lines, 1):
        if line[:4] == "  - ":
            item = _scalar(line[4:].lstrip(" "))
            if item is None or items is None:
                return None
            items.line = items.line or number
            items.append(item)
            items.lines.append(number)
        elif found := _KEY.match(line):
            key, end = found[1], found.end()
            if key in out or items == []:  # nothing stands under the key before
                return None
            out.line = out.line or number
            out.lines[key] = number
            if end == len(line) or (line[end] == "#" and line[end - 1] == " "):
                out[key] = items = Seq()
            else:
                value = _scalar(line[end:]) if line[end - 1] == " " else None
                if value is None:
                    return None
                out[key], items = value, None
        elif line.lstrip(" ")[:1] not in ("", "#"):
            return None
    return out if out and items != [] else None

"""String literals of JSON and JavaScript: where they stand, and how their escapes are undone. Pure.

Scanning is one possessive regular expression: no recursion, no character loop, linear even where the quotes do not match.
"""

from __future__ import annotations

import json
import re

NUMERIC = r"(?:[-0-9:.+ ][-0-9:.+ TZ]*+)?+"
"""A string that is a number, a date or empty."""
_SCALAR = rf'(?:[-+.0-9eE]++|true|false|null|"{NUMERIC}")'
_FLAT = rf'[\[{{](?:[\s,]|"[A-Za-z0-9_$@.:\-]*+"\s*+:|{_SCALAR})*+[\]}}]'
_INSIDE = r'[^"\\]*+(?:\\.[^"\\]*+)*+'
JSON_TOKEN = re.compile(
    r'[^"{}\[\]]*+(?:'
    rf'"([A-Za-z0-9_$@.:\-]*+)"\s*+:\s*+(?:((?:{_SCALAR}|{_FLAT})(?=\s*+[,}}\]]))|"({_INSIDE})")?+'
    rf'|"({_INSIDE})(?:"(\s*+:)?|\\?\Z)|{_FLAT}|([{{}}\[\]])|\Z)',
    re.S,
)
"""By its last group: 1 a key; 2 a key and a value without any text; 3 a key and the inside of its string; 4 the inside of another string;
5 the same and a colon after it, so it is a key; 6 a bracket; None nothing that holds a text. Group 1 has the key, 3 and 4 the inside.
"""

JS_TOKEN = re.compile(
    r"\"([^\"\\\n\r]*+(?:\\(?:\r\n|.)[^\"\\\n\r]*+)*+)(?:\"(\s*+:)?|\\?(?=[\n\r]|\Z))"
    r"|'([^'\\\n\r]*+(?:\\(?:\r\n|.)[^'\\\n\r]*+)*+)(?:'(\s*+:)?|\\?(?=[\n\r]|\Z))"
    r"|`([^`\\]*+(?:\\.[^`\\]*+)*+)(?:`|\\?\Z)"
    r"|//[^\n\r]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?"
    r"|(?:(?<=[(,=:\[!&|?{};+\n])|(?<=[(,=:\[!&|?{};+] )|(?<=return)|(?<=return ))"
    r"/(?![/*])(?:[^/\\\[\n\r]|\\.|\[(?:[^\]\\\n\r]|\\.)*+\])++/"
    r"|[{}\[\]]",
    re.S,
)
"""Strings (groups 1, 3; 2, 4: a colon after it), templates (5), comments and regular expressions of JavaScript.

A string ends with its line, so that a misread quote does no harm beyond it.
"""

ESCAPES = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\u\{[0-9a-fA-F]{1,8}\}|\\x[0-9a-fA-F]{2}|\\[0-7]{1,3}|\\\r\n|\\.",
    re.S,
)
_HEX = {f"\\x{i:02{x}}": chr(i) for i in range(256) for x in "xX"}
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\n": "", "\r": "", "\u2028": "", "\u2029": ""}


def undo(m: re.Match[str]) -> str:
    """What one escape of JSON or JavaScript stands for."""
    e = m[0]
    if known := _HEX.get(e):
        return known
    c = e[1]
    if c == "u":
        if len(e) == 12:
            return chr(0x10000 + ((int(e[2:6], 16) & 0x3FF) << 10) + (int(e[8:12], 16) & 0x3FF))
        if len(e) > 2:
            n = int(e.strip("\\u{}"), 16)
            return chr(n) if n < 0x110000 else "\ufffd"
        return "u"
    if c == "x" and len(e) == 4:
        return chr(int(e[2:], 16))
    if c in "01234567":
        return chr(int(e[1:], 8))
    return "" if e == "\\\r\n" else _SIMPLE.get(c, c)


def unescaped(raw: str) -> str:
    """The string a literal with that inside stands for; broken escapes are taken as browsers' loosest reading."""
    return ESCAPES.sub(undo, raw) if "\\" in raw else raw


def json_string(body: str, start: int, end: int) -> str:
    """The string whose inside stands at start:end: the fast reader of the standard library, ours where it refuses."""
    raw = body[start:end]
    if "\\" not in raw:
        return raw
    try:
        out = json.loads(f'"{raw}"', strict=False)
    except ValueError:
        return unescaped(raw)
    return out if isinstance(out, str) else unescaped(raw)


def is_json(text: str) -> bool:
    """Whether a text is one JSON document; nesting too deep for the standard library counts as yes (it is no plain text)."""
    try:
        json.loads(text, parse_int=str, parse_float=str, strict=False)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True

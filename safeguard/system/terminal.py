"""Makes text from outside harmless for a terminal: the only way such text is printed."""

from __future__ import annotations

import json
import re
from typing import Any

# Control characters (escape sequences begin with one), direction overrides, invisible characters, line and paragraph
# separators, lone surrogates, tags. The zero-width joiners stay: Persian and emoji need them and a terminal ignores them.
_HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 65536:
        return f"\\u{code:04x}"
    code -= 65536
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def safe(text: str, *, lines: bool = False) -> str:
    """The text with everything a terminal would obey shown as `\\x1b`, `\\u202e`; with lines=True line breaks and tabs stay."""
    if lines:
        return "\n".join("\t".join(map(safe, line.split("\t"))) for line in text.replace("\r\n", "\n").split("\n"))
    return _HARMFUL.sub(_visible, text)


def json_line(value: Any) -> str:
    """The value as JSON on one line, readable in every alphabet, harmless for a terminal, and the same value when read back."""
    return _HARMFUL.sub(_escaped, json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))

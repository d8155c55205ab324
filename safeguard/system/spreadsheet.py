"""Text from outside as a record of a CSV file (RFC 4180): the only way it gets into a spreadsheet, which runs what looks like a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from safeguard.system.terminal import safe

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "%", "|")
"""A spreadsheet takes a cell that begins so for a formula."""
_STARTS = re.compile(rf'([;\t\n])([ "]{{0,8}})(?=[{re.escape("".join(FORMULA))}])')
"""Where lists are parted by semicolons (Russian, Turkish), a spreadsheet begins a cell behind each, also inside a cell of ours."""


def cell(value: object) -> str:
    """One cell: no control characters, nothing that a spreadsheet would run."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = _STARTS.sub(r"\1'\2", safe(value, lines=True))
    return "'" + text if text.lstrip(" \n").startswith(FORMULA) or text.startswith("\n") else text


def record(cells: Iterable[str]) -> str:
    """One line of the file."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()

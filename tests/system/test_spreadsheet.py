"""Text from outside in a CSV file: read back as it was, and never run."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.system.spreadsheet import FORMULA, cell, record

TEXTS = st.text(st.characters(exclude_categories=[])) | st.text("=+-@\t\r\n %|'x;, \"", max_size=9)


@given(TEXTS)
def test_no_cell_is_a_formula_or_an_escape(text: str) -> None:
    made = cell(text)
    assert not made.lstrip(" \n").startswith(FORMULA)
    assert not any(ord(c) < 32 and c not in "\n\t" for c in made)
    [[back]] = csv.reader(io.StringIO(f'"{made.replace(chr(34), chr(34) * 2)}"\r\n', newline=""))
    assert back == made


@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_nor_where_the_semicolon_parts_cells(texts: list[str]) -> None:
    """As a spreadsheet in Russian or Turkish opens the file."""
    line = record(["first", *map(cell, texts)])
    for part in re.split(r"[;\t\n]", line):
        assert not part.lstrip(' "').startswith(tuple(c for c in FORMULA if c not in "\t\r")), line


@pytest.mark.parametrize(
    ("value", "made"),
    [(None, ""), (3, "3"), ("Привет", "Привет"), ("=1+1", "'=1+1"), ("x; =1", "x;' =1"), ("a\x1b\u202e", "a\\x1b\\u202e")],
)
def test_a_cell(value: object, made: str) -> None:
    assert cell(value) == made


def test_a_long_cell_costs_little() -> None:
    assert len(cell("\n " * 200_000)) > 200_000


def test_a_record() -> None:
    assert record(["a", 'b "c"', "d,e"]) == 'a,"b ""c""","d,e"\r\n'

"""`safeguard log export`: what is read back is what was logged, and neither a spreadsheet nor a terminal obeys it."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from safeguard import wiring
from safeguard.cli.log_export import COLUMNS
from safeguard.config import Settings
from tests.store.conftest import incident

Call = Callable[..., Result]


@pytest.fixture
def logged() -> None:
    store = wiring.open_store(Settings())
    store.add(incident("A1", author='=HYPERLINK("https://x.test")', excerpt='one, "two"\nthree', whole="\x1b[31mred"))
    store.add(incident("A2", author="@who", excerpt="Привет, ընկեր"))
    assert store.flush()
    store.close()


@pytest.mark.usefixtures("logged")
def test_csv(call: Call) -> None:
    raw = call("log", "export").stdout_bytes
    assert raw.count(b"\r\n") == 3
    rows = list(csv.DictReader(io.StringIO(raw.decode(), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["author"] == '\'=HYPERLINK("https://x.test")'
    assert rows[0]["excerpt"] == 'one, "two"\nthree'
    assert rows[0]["whole"] == "\\x1b[31mred"
    assert (rows[1]["author"], rows[1]["excerpt"]) == ("'@who", "Привет, ընկեր")
    assert b"\x1b" not in raw


@pytest.mark.usefixtures("logged")
def test_json_is_exact(call: Call) -> None:
    raw = call("log", "export", "--format", "json").stdout
    first, second = map(json.loads, raw.splitlines())
    assert (first["author"], first["whole"]) == ('=HYPERLINK("https://x.test")', "\x1b[31mred")
    assert second["code"] == "A2"
    assert "\x1b" not in raw


@pytest.mark.usefixtures("logged")
def test_a_file_is_private_and_never_replaced_unasked(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    assert call("log", "export", "-o", str(file)).stdout == f"2 entries written to {file}\n"
    assert file.read_bytes().startswith(b"\xef\xbb\xbfcode,")
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("mine")
    done = call("log", "export", "-o", str(file))
    assert (done.exit_code, file.read_text()) == (2, "mine")
    assert "is there already" in done.stderr
    assert call("log", "export", "-o", str(file), "--force").exit_code == 0
    assert [f.name for f in tmp_path.iterdir()] == ["log.csv"]


def test_an_empty_log_and_a_place_that_is_none(call: Call, tmp_path: Path) -> None:
    assert call("log", "export").stdout.strip() == ",".join(COLUMNS)
    assert call("log", "export", "--format", "json").stdout == ""
    done = call("log", "export", "-o", str(tmp_path / "no" / "log.csv"))
    assert (done.exit_code, done.stderr) == (2, f"{tmp_path}/no/log.csv: cannot be written (No such file or directory)\n")

"""What sites say the time is, kept now and then."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from safeguard.system.server_clock import EVERY_S, ServerClock, noted

DATE = "Sat, 01 Jun 2030 12:00:00 GMT"
NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)


class Time:
    def __init__(self) -> None:
        self.here, self.steady = NOON.timestamp() - 3600, 0.0


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def clock(tmp_path: Path, time: Time) -> ServerClock:
    return ServerClock(tmp_path / "state" / "clock.json", lambda: time.here, lambda: time.steady)


def test_kept_and_read(clock: ServerClock, tmp_path: Path) -> None:
    file = tmp_path / "state" / "clock.json"
    assert noted(file) is None
    clock.saw(DATE, "")
    assert noted(file) == (NOON, datetime(2030, 6, 1, 11, tzinfo=UTC))
    assert file.stat().st_mode & 0o777 == 0o600


def test_once_in_ten_minutes(clock: ServerClock, time: Time, tmp_path: Path) -> None:
    clock.saw(DATE, "0")
    for steady, kept in ((1.0, NOON), (EVERY_S, NOON.replace(hour=13))):
        time.steady = steady
        clock.saw("Sat, 01 Jun 2030 13:00:00 GMT", "")
        found = noted(tmp_path / "state" / "clock.json")
        assert found is not None
        assert found[0] == kept


@pytest.mark.parametrize(("date", "age"), [("", ""), (DATE, "30"), (DATE, "x"), ("soon", ""), ("Sat, 99 Jun 2030 12:00:00 GMT", "")])
def test_what_says_nothing_of_now(clock: ServerClock, tmp_path: Path, date: str, age: str) -> None:
    clock.saw(date, age)
    assert noted(tmp_path / "state" / "clock.json") is None


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"site": "x", "here": 1}', b'{"site": 1e300, "here": 1}'])
def test_a_broken_file(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "clock.json").write_bytes(data)
    assert noted(tmp_path / "clock.json") is None


def test_what_cannot_be_kept_is_not(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    ServerClock(tmp_path / "state" / "clock.json").saw(DATE, "")

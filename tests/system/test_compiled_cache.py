"""The cache saves time, follows every change, and is never read where others could have written it."""

from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path

import pytest

from safeguard.system import compiled_cache


class Maker:
    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> dict[str, int]:
        self.made += 1
        return {"made": self.made}


@pytest.fixture
def make() -> Maker:
    return Maker()


def test_made_once(tmp_path: Path, make: Maker) -> None:
    got = [compiled_cache.load_or_make(tmp_path / "c", "k", dict, make) for _ in range(3)]
    assert got == [{"made": 1}] * 3
    assert [p.name for p in (tmp_path / "c").iterdir()] == ["rules-k.pickle"]


def test_an_old_one_goes(tmp_path: Path, make: Maker) -> None:
    for name in ("old", "new"):
        compiled_cache.load_or_make(tmp_path / "c", name, dict, make)
    assert make.made == 2
    assert [p.name for p in (tmp_path / "c").iterdir()] == ["rules-new.pickle"]


def signed(data: bytes) -> bytes:
    return hashlib.sha256(data).digest() + data


DAMAGED = {
    "empty": b"",
    "nonsense": b"nonsense" * 10,
    "cut": signed(pickle.dumps({"made": 7}))[:-1],
    "another kind of value": signed(pickle.dumps(["made", 7])),
    "class that is gone": signed(b"\x80\x05cnowhere\nnothing\n."),
}


@pytest.mark.parametrize("damaged", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_one_is_made_again(tmp_path: Path, make: Maker, damaged: bytes) -> None:
    compiled_cache.load_or_make(tmp_path / "c", "k", dict, make)
    (tmp_path / "c" / "rules-k.pickle").write_bytes(damaged)
    assert compiled_cache.load_or_make(tmp_path / "c", "k", dict, make) == {"made": 2}


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
@pytest.mark.parametrize("part", ["c", "c/rules-k.pickle"])
def test_one_that_others_can_write_is_not_read(tmp_path: Path, make: Maker, part: str) -> None:
    compiled_cache.load_or_make(tmp_path / "c", "k", dict, make)
    (tmp_path / part).chmod(0o777)
    assert compiled_cache.load_or_make(tmp_path / "c", "k", dict, make) == {"made": 2}


def test_no_place_for_a_cache_is_no_error(tmp_path: Path, make: Maker) -> None:
    (tmp_path / "file").write_text("")
    assert compiled_cache.load_or_make(tmp_path / "file" / "c", "k", dict, make) == {"made": 1}


def test_every_change_changes_the_key() -> None:
    files = [("a.yaml", b"1"), ("b.yaml", b"2")]
    keys = [
        compiled_cache.key(files),
        compiled_cache.key(files, "2025-01-01"),
        compiled_cache.key([("a.yaml", b"1"), ("b.yaml", b"3")]),
        compiled_cache.key([("a.yaml", b"1"), ("c.yaml", b"2")]),
        compiled_cache.key([("a.yaml", b"12"), ("b.yaml", b"")]),
        compiled_cache.key(files[:1]),
    ]
    assert len(set(keys)) == len(keys)
    assert compiled_cache.key(list(files)) == keys[0]

"""Of the packs that were installed the newest is in force, whole or not at all; where it is not, that is said."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from safeguard import RELEASED
from safeguard.errors import PackError
from safeguard.system import publisher as shipped_keys
from safeguard.system.packs import KEPT, Base, Packs
from tests.system.publishing import LATER, Publisher

ONE = {"frames/a.yaml": "one"}


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Publisher:
    return Publisher(monkeypatch)


@pytest.fixture
def packs(tmp_path: Path) -> Packs:
    return Packs(tmp_path / "state" / "packs")


def install(packs: Packs, publisher: Publisher, *versions: str) -> None:
    for version in versions:
        packs.install(publisher.pack(ONE, version), version)


def in_force(packs: Packs) -> str:
    base = packs.base()
    return base.pack.version if base.pack else ""


def test_without_a_pack(packs: Packs) -> None:
    assert (packs.base(), packs.versions(), packs.look()) == (Base(), [], ())
    with pytest.raises(PackError, match="no pack of rules is installed"):
        packs.rollback()


def test_the_newest_counts_and_goes_back_to_the_one_before(packs: Packs, publisher: Publisher) -> None:
    install(packs, publisher, "2126-09-30", "2126-11-02", "2126-11-02.10", "2126-11-02.9")
    assert in_force(packs) == "2126-11-02.10"
    assert packs.versions() == ["2126-11-02.10", "2126-11-02.9", "2126-11-02"]  # KEPT of them
    assert len(packs.versions()) == KEPT
    assert packs.rollback() == "2126-11-02.10"
    assert in_force(packs) == "2126-11-02.9"
    packs.rollback()
    packs.rollback()
    assert packs.base() == Base()


def test_a_change_is_seen(packs: Packs, publisher: Publisher) -> None:
    looks = [packs.look()]
    for version in (LATER, "2126-12-01"):
        install(packs, publisher, version)
        looks.append(packs.look())
    packs.rollback()
    assert packs.look() == looks[1]
    assert len(set(looks)) == 3


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize(
    "harm",
    [damage, lambda p: p.write_bytes(b""), lambda p: p.write_bytes(p.read_bytes()[:-30]), lambda p: (p.unlink(), p.mkdir())],
    ids=["a byte", "emptied", "cut off", "a folder"],
)
def test_with_a_damaged_pack_the_shipped_rules_serve_and_it_is_said(
    packs: Packs, publisher: Publisher, harm: Callable[[Path], object]
) -> None:
    install(packs, publisher, "2126-11-01", LATER)
    harm(packs.path(LATER))
    base = packs.base()
    assert base.pack is None  # nor the older one: the parent shall know what is in force
    assert f"pack of rules {LATER} is not used" in base.said
    assert "rules that came with SafeGuard are in force" in base.said


def test_an_old_pack_under_a_new_name_is_not_taken_for_new(packs: Packs, publisher: Publisher) -> None:
    install(packs, publisher, "2126-11-01")
    packs.path("2126-11-01").rename(packs.path(LATER))
    assert packs.base().pack is None
    assert "under another name" in packs.base().said


def test_a_pack_of_a_publisher_no_longer_known(packs: Packs, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    install(packs, publisher, LATER)
    Publisher(monkeypatch)
    assert "not signed by the publisher" in packs.base().said


def test_a_newer_safeguard_brings_newer_rules(packs: Packs, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    install(packs, publisher, LATER)
    assert in_force(packs) == LATER
    monkeypatch.setattr("safeguard.system.packs.RELEASED", LATER)
    assert packs.base().pack is None
    assert f"({LATER}) are newer, and they are in force" in packs.base().said


def test_a_pack_for_a_newer_safeguard(packs: Packs, publisher: Publisher) -> None:
    packs.install(publisher.pack(ONE, LATER, "999.0"), LATER)
    assert "it needs SafeGuard 999.0 or newer" in packs.base().said


def test_the_release_has_a_day_that_packs_are_compared_with(packs: Packs, publisher: Publisher) -> None:
    install(packs, publisher, RELEASED)
    assert packs.base().pack is None
    install(packs, publisher, f"{RELEASED}.1")
    assert in_force(packs) == f"{RELEASED}.1"


def test_the_publishers_keys_that_ship_are_keys() -> None:
    assert shipped_keys.known()
    for key in shipped_keys.known():
        Ed25519PublicKey.from_public_bytes(key)


def test_what_cannot_be_written_changes_nothing(packs: Packs, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    install(packs, publisher, "2126-11-01")

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(PackError, match="No space left on device"):
            install(packs, publisher, LATER)
    assert in_force(packs) == "2126-11-01"
    assert [p.name for p in packs.folder.iterdir()] == ["2126-11-01.pack"]


def test_other_files_in_the_folder_are_nothing_to_us(packs: Packs, publisher: Publisher) -> None:
    install(packs, publisher, LATER)
    for name in ("9999-99-99.pack.part", "latest.pack", ".2127-01-01.pack", "2127-01-01"):
        (packs.folder / name).write_bytes(b"x")
    assert packs.versions() == [LATER]


def test_readers_see_the_one_or_the_other_never_a_half(packs: Packs, publisher: Publisher) -> None:
    install(packs, publisher, "2126-11-01")
    seen: set[str] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            base = packs.base()
            seen.add(base.pack.version if base.pack else base.said or "nothing")

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(50):
        install(packs, publisher, LATER)
        packs.rollback()
    done.set()
    reader.join()
    assert seen <= {"2126-11-01", LATER}

"""Whatever is changed in a package is found, and it is said where."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safeguard import evidence
from safeguard.evidence import check, container, manifest, names
from tests.evidence.rig import SMALL, package, resealed

FILES = package()
ZIP = container.pack(FILES)
DIGEST = manifest.digest(FILES[names.MANIFEST])


def problems(files: dict[str, bytes], told: str = "") -> tuple[str, ...]:
    return check(files, told).problems


def listed() -> dict[str, Any]:
    said = json.loads(FILES[names.MANIFEST])
    assert isinstance(said, dict)
    return said


def changed_in_zip(data: bytes) -> bool:
    """As `safeguard report --verify` looks at a zip file."""
    files = container.unpack(data)
    return bool(check(files).problems or container.difference(data, files))


def test_nothing_changed() -> None:
    found = check(FILES, DIGEST)
    assert (found.problems, found.count, found.digest) == ((), 3, DIGEST)
    assert container.unpack(ZIP) == FILES
    assert container.difference(ZIP, FILES) == ""


@pytest.mark.parametrize("name", FILES)
def test_any_other_byte_in_any_file_is_found_and_the_file_is_named(name: str) -> None:
    data = FILES[name]
    for at in range(len(data)):
        for flip in (0x01, 0x20, 0x80):
            other = data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :]
            said = problems({**FILES, name: other})
            assert said, f"byte {at} of {name}"
            assert any(name in line for line in said)


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80])
def test_any_other_byte_of_the_zip_file_is_found(flip: int) -> None:
    for at in range(len(ZIP)):
        assert changed_in_zip(ZIP[:at] + bytes([ZIP[at] ^ flip]) + ZIP[at + 1 :]), f"byte {at}"


def test_a_zip_cut_off_anywhere_is_found() -> None:
    for length in range(len(ZIP)):
        assert changed_in_zip(ZIP[:length])


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, len(ZIP)), new=st.binary(min_size=1, max_size=40), gone=st.integers(0, 60))
def test_bytes_put_in_or_taken_out_of_the_zip_are_found(at: int, new: bytes, gone: int) -> None:
    other = ZIP[:at] + new + ZIP[at + gone :]
    assert changed_in_zip(other) == (other != ZIP)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_from_outside_break_the_check(data: bytes) -> None:
    assert changed_in_zip(data)
    assert changed_in_zip(ZIP[:30] + data)
    assert problems({**FILES, names.MANIFEST: data})


@pytest.mark.parametrize("flip", [0x01, 0x80])
def test_where_in_the_zip(flip: int) -> None:
    at = ZIP.index(b"PK\x01\x02") + 12  # a time in the list of files
    other = ZIP[:at] + bytes([ZIP[at] ^ flip]) + ZIP[at + 1 :]
    assert container.difference(other, container.unpack(other)) == (
        f"the zip file: changed at byte {at:,} of {len(ZIP):,}, in the list of files at its end"
    )


@pytest.mark.parametrize("name", FILES)
def test_a_file_removed(name: str) -> None:
    rest = {n: d for n, d in FILES.items() if n != name}
    said = problems(rest)
    assert len(said) == 1
    assert said[0].startswith(f"{name}: missing")
    assert changed_in_zip(container.pack(rest))


@pytest.mark.parametrize("name", FILES)
def test_a_file_renamed(name: str) -> None:
    files = {("other.bin" if n == name else n): d for n, d in FILES.items()}
    [said] = problems(files)
    if name == names.MANIFEST:
        assert said.startswith("manifest.json: missing")
    else:
        assert said.startswith(f"{name}: renamed to other.bin")
    assert changed_in_zip(container.pack(files))


@pytest.mark.parametrize("name", ["note.txt", "entries/0004.json", "answers/0002.bin", "../up", "/etc/x", ""])
def test_a_file_added(name: str) -> None:
    files = {**FILES, name: b"new"}
    assert problems(files) == (f"{name}: added; it does not belong to the package",)
    assert changed_in_zip(container.pack(files))


def test_two_entries_change_places() -> None:
    one, two = names.entry(1), names.entry(2)
    said = problems({**FILES, one: FILES[two], two: FILES[one]})
    assert said == (f"{one}: changed (entry 1, AB12-CD34)", f"{two}: changed (entry 2, EF56-GH78)")


def test_the_list_in_another_order_is_found_though_sealed_anew() -> None:
    said = listed()
    said["entries"][0], said["entries"][1] = said["entries"][1], said["entries"][0]
    assert any("stands at place 1: entries were moved" in line for line in problems(resealed(FILES, said)))
    for place, row in enumerate(said["entries"], 1):
        row["number"] = place
    assert any("names other files than its own" in line for line in problems(resealed(FILES, said)))


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_an_entry_removed_with_its_files_is_found_though_sealed_anew(gone: int) -> None:
    said = listed()
    row = said["entries"].pop(gone - 1)
    files = {n: d for n, d in FILES.items() if n not in (row["file"], row["answer"])}
    found = problems(resealed(files, said))
    assert any(line.startswith("manifest.json: it does not end with entry 2 (3 were written)") for line in found)


def test_the_last_entry_removed_and_the_end_forged_stands_in_the_page_still() -> None:
    """Whoever writes the list and its end anew, but not the page, is found by no digest but that which was told."""
    said = listed()
    row = said["entries"].pop()
    said["count"], said["chain"] = 2, said["entries"][-1]["chain"]
    files = resealed({n: d for n, d in FILES.items() if n not in (row["file"], row["answer"])}, said)
    assert problems(files) == ()
    [line] = problems(files, DIGEST)
    assert line.startswith(f"the digest of the package is {check(files).digest}, not {DIGEST}")


def test_a_package_made_anew_without_an_entry_is_told_by_the_digest() -> None:
    other = package(SMALL[:2])
    assert problems(other) == ()
    assert problems(other, DIGEST)


def test_each_link_hangs_on_the_one_before() -> None:
    first, second = (json.loads(package(entries)[names.MANIFEST])["entries"] for entries in (SMALL, SMALL[::-1]))
    assert first[1]["sha256"] != second[1]["chain"]
    assert [r["chain"] for r in first] != [r["chain"] for r in second]
    said = listed()
    said["entries"][0]["code"] = "ZZ99-ZZ99"
    assert any("entry 1 (ZZ99-ZZ99) does not continue the chain" in line for line in problems(resealed(FILES, said)))


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b"null", b"[" * 5000, b'{"entries": 1}', b'{"format": "other", "entries": [], "count": 0}', b"\xff", b"1e999"],
    ids=lambda d: repr(d[:20]),
)
def test_a_manifest_that_is_none(data: bytes) -> None:
    assert any("cannot be read" in line for line in problems({**FILES, names.MANIFEST: data}))


def test_a_zip_of_more_files_than_any_package_has_is_none_of_ours() -> None:
    many = container.pack({f"{n:05d}": b"" for n in range(container.MOST_FILES)})
    assert len(container.unpack(many)) == container.MOST_FILES
    head = many[: 30 + 5]
    again = b"".join(head[:30] + b"x%04x" % n for n in range(300)) + many
    assert len(container.unpack(again)) == container.MOST_FILES
    assert evidence.check_zip(again).problems


def test_every_file_missing_among_as_many_others_is_answered_soon() -> None:
    """A list made so that a search for each among all would never end."""
    links = [manifest.Link(n, "A", f"{n:064x}") for n in range(1, 8_001)]
    files = {f"f{n}": b"%d" % n for n in range(8_000)}
    began = time.process_time()
    said = problems({**files, names.MANIFEST: manifest.write(links, b"", {})})
    assert len(said) > 16_000
    assert time.process_time() - began < 5

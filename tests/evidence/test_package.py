"""What is in a package, that the same entries give the same bytes, and what it says is missing."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from safeguard import evidence
from safeguard.errors import InputError
from safeguard.evidence import Moment, Recipient, Told, build, container, manifest, names
from safeguard.evidence import package as made_by
from safeguard.policy.incident import Body
from safeguard.store.entry import MOST_REASONS, MOST_WHOLE
from tests.evidence.rig import ANSWER, MADE, SMALL, entry, moment, package
from tests.store.conftest import REASON


def first(files: dict[str, bytes]) -> dict[str, Any]:
    said = json.loads(files[names.entry(1)])
    assert isinstance(said, dict)
    return said


def test_the_same_entries_give_the_same_bytes() -> None:
    assert container.pack(package()) == container.pack(package())
    later = package(made=Moment("2027", "2027"))
    assert {n for n, d in package().items() if later[n] != d} == {names.PAGE, names.MANIFEST, names.SEAL}


def test_any_zip_program_reads_it() -> None:
    with zipfile.ZipFile(io.BytesIO(container.pack(package()))) as z:
        assert z.testzip() is None
        assert {i.filename: z.read(i) for i in z.infolist()} == package()
        assert {i.external_attr >> 16 for i in z.infolist()} == {0o100600}


def test_the_seal_is_what_sha256sum_reads() -> None:
    files = package()
    assert files[names.SEAL] == f"{hashlib.sha256(files[names.MANIFEST]).hexdigest()}  manifest.json\n".encode()


def test_the_manifest_says_how_it_is_reckoned_and_it_is_so() -> None:
    said = json.loads(package()[names.MANIFEST])
    assert said["algorithm"] == "SHA-256"
    assert "manifest.sha256" in said["how"]
    before = "0" * 64
    for row in said["entries"]:
        lines = [before, row["number"], row["code"], row["file"], row["sha256"], row["answer"], row["answer_sha256"]]
        before = hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
        assert row["chain"] == before
    assert said["chain"] == before


def test_an_entry_says_all_there_is() -> None:
    reasons = (REASON, replace(REASON, rule="other", suppressed_by="history.lesson"))
    body = Body("text/html", 5_000_000, 1_000, b"x" * 500)
    given = entry(whole="all of it", body="b", seen=4, review="right", rules="SafeGuard 1, rules abc", account="kid", reasons=reasons)
    files = build([given], lambda e: body, MADE, moment, told=Told({"some-rule": "Says who ought to die."}))
    said = first(files)
    assert (said["code"], said["site"], said["address"], said["author"]) == ("AB12-CD34", "x", "https://x.test/1", "@who")
    assert (said["first_met"], said["first_met_local"], said["times_met"]) == ("1000 UTC", "1000 here", 4)
    assert (said["rule"], said["rules_version"], said["text"], said["child"]) == ("some-rule", "SafeGuard 1, rules abc", "all of it", "kid")
    assert said["findings"][0]["words"] == ["words", "of it"]
    assert said["findings"][0]["why"] == "Says who ought to die."
    assert said["findings"][1]["not_counted_because"] == "history.lesson"
    assert (said["answer"], said["answer_bytes"], said["answer_media"]) == ("answers/0001.bin", [1000, 1500, 5_000_000], "text/html")
    assert files[said["answer"]] == body.data
    assert said["answer_sha256"] == hashlib.sha256(body.data).hexdigest()
    assert said["not_kept"] == ["Of the raw answer's 5,000,000 bytes, only those from 1,000 to 1,500 were kept."]
    for value in ("AB12-CD34", "https://x.test/1", "@who", "1000 here", "1000 UTC", "all of it", "SafeGuard 1, rules abc", "words", "kid"):
        assert value in files[names.PAGE].decode()


def test_what_was_not_kept_is_said_in_the_entry_and_on_the_page() -> None:
    cases = {
        "Only an excerpt of at most 300": entry(),
        "The raw answer of the site, in which the text stood, was not kept": entry(),
        "Which version of the rules found it was not noted": entry(),
        f"cut off after {MOST_WHOLE:,} characters": entry(whole="x" * MOST_WHOLE),
        f"Only the first {MOST_REASONS} findings": entry(reasons=(REASON,) * MOST_REASONS),
    }
    for sentence, given in cases.items():
        files = package([given])
        assert sentence in " ".join(first(files)["not_kept"])
        assert sentence in files[names.PAGE].decode()
    assert "Pictures, films and sounds are never kept" in package()[names.PAGE].decode()
    assert "Pictures, films and sounds are never kept" in package()[names.MANIFEST].decode()
    assert first(package([entry(kind="unchecked", category="unchecked")]))["not_kept"] == []


def test_answers_left_out_by_choice() -> None:
    files = package(bodies=False)
    assert not [n for n in files if n.startswith("answers/")]
    assert "left out of this package by choice" in first(files)["not_kept"][0]


def test_no_name_of_a_file_comes_from_outside() -> None:
    evil = "../../etc/<img>\x1b[31m\n"
    files = package([entry(evil, site=evil, author=evil, rule=evil, body="b")])
    assert all(re.fullmatch(r"index\.html|manifest\.(json|sha256)|(entries|answers)/\d{4}\.(json|bin)", n) for n in files)
    assert "\x1b" not in "".join(d.decode() for n, d in files.items() if not n.startswith("answers/"))


def test_five_alphabets_can_be_read_in_every_file() -> None:
    for text in ("We are next", "Мы рядом", "Մենք մոտ ենք, եւ՝ այո", "Biz yaxındayıq, ƏəĞğİıŞş", "Biz yakınız, İıĞğŞşÇç"):
        files = package([entry(whole=text)])
        assert text in files[names.PAGE].decode()
        assert text in files[names.entry(1)].decode()


def test_too_much_for_one_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_by, "MOST_ENTRIES", 2)
    with pytest.raises(InputError, match="choose fewer"):
        package()
    monkeypatch.undo()
    monkeypatch.setattr(made_by, "MOST_BYTES", len(ANSWER.data))
    with pytest.raises(InputError, match="leave the raw answers out"):
        package()


def test_a_lone_surrogate_in_a_finding_breaks_nothing() -> None:
    files = package([entry("\ud800", reasons=(replace(REASON, words=("\ud83d",)),))])
    assert json.loads(files[names.entry(1)])["findings"][0]["words"] == ["\ud83d"]
    assert manifest.read(files[names.MANIFEST]) is not None


def test_an_empty_package_is_one_too() -> None:
    assert len(SMALL) == 3
    assert json.loads(package([])[names.MANIFEST])["chain"] == "0" * 64


@pytest.mark.parametrize("recipient", [*Recipient, None])
def test_it_says_for_whom_it_is_and_a_platform_is_not_told_the_account(recipient: Recipient | None) -> None:
    files = package([entry(account="sgt-anna")], recipient=recipient)
    said, page = json.loads(files[names.MANIFEST]), files[names.PAGE].decode()
    assert said.get("made_for", None) == (recipient.value if recipient else None)
    assert ("It is for: " in page) == (recipient is not None)
    left_out = recipient is Recipient.PLATFORM
    assert (first(files)["child"] == "sgt-anna", "sgt-anna" in page) == (not left_out, not left_out)
    assert any("account was left out" in line for line in first(files)["not_kept"]) == left_out
    assert evidence.check(files).problems == ()

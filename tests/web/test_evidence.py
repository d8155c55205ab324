"""Evidence on the page: chosen by one click, made for somebody by the one writer there is, and checked, whoever made the file."""

from __future__ import annotations

import io
import re
import struct
from html import unescape

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from safeguard import evidence
from safeguard.evidence import Recipient, container, manifest, names
from safeguard.policy.incident import Body
from safeguard.web import evidence as page_of
from safeguard.web.app import MOST_BYTES
from tests.store.conftest import incident
from tests.web.conftest import ORIGIN, Site
from tests.web.hostile import HOSTILE

ANSWER = Body("text/html", 40, 0, b"<html>the whole \xff answer, some words</html>"[:40])


@pytest.fixture
def page(site: Site) -> Site:
    """Signed in, with a threat AB12 with all that is kept, an entry AB13 and a notice AB14 that is no text."""
    site.sign_in()
    site.deps.store.add(
        incident("AB12", whole="the whole needle", account="anna", rules="2026-01 abc", body=ANSWER, category="personal_threat")
    )
    site.deps.store.add(incident("AB13", excerpt="another"))
    site.deps.store.add(incident("AB14", kind="unchecked", category="unchecked"))
    assert site.deps.store.flush()
    return site


def send(page: Site, data: bytes, digest: str = "", name: str = "a.zip") -> TestResponse:
    form = {"token": page.token(), "digest": digest, "package": FileStorage(io.BytesIO(data), name)}
    boundary, body = encode_multipart(form)
    kind = f'multipart/form-data; boundary="{boundary}"'
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    return page.client.post("/evidence/check", base_url=ORIGIN, data=body, headers=headers, content_type=kind, buffered=True)


def made(page: Site, recipient: str = "police", answers: str = "1") -> bytes:
    assert page.press("/evidence/make", recipient=recipient, answers=answers).location == "/evidence/#made"
    return page.get("/evidence/download").data


def test_saved_by_one_click_listed_and_taken_back(page: Site) -> None:
    assert page.press("/entry/AB12/save?severity=2").location == "/?severity=2#e-AB12"
    page.press("/entry/AB12/save")  # twice is once
    page.press("/entry/AB13/save")
    assert page.get("/").text.count("Saved as evidence.") == 3  # what was said, and at the two entries
    listed = page.get("/evidence/").text
    assert re.findall(r'href="/\?q=(\w+)"', listed) == ["AB12", "AB13"]
    assert "needle" not in listed  # veiled here too: the text is on the page Review
    page.press("/entry/AB12/unsave")
    page.press("/evidence/remove", code="AB13")
    assert "Nothing is saved yet." in page.get("/evidence/").text
    assert page.press("/entry/AB14/save").status_code == 400  # no text of somebody
    assert page.press("/entry/ZZ99/save").status_code == 404


def test_the_package_is_the_one_that_report_makes_and_has_all_that_it_should(page: Site) -> None:
    page.press("/entry/AB12/save")
    data = made(page)
    files = container.unpack(data)
    checked = evidence.check_zip(data)
    assert (checked.problems, checked.count) == ((), 1)
    assert files[names.body(1)] == ANSWER.data
    told = files[names.PAGE].decode()
    for said in (
        "It is for: the police.",
        "the whole needle",
        "https://x.test/1",
        "@who",
        "some-rule",
        "2026-01 abc",
        "What was not kept",
        "anna",
        "Says why the rule is there.",
    ):
        assert said in told, said
    shown = page.get("/evidence/").text
    assert checked.digest in shown
    assert re.search(r'download="(safeguard-evidence-[\d-]+-police\.zip)"', shown)
    there = page.get("/evidence/download")
    assert there.headers["Content-Disposition"].startswith("attachment;")
    assert there.headers["Cache-Control"] == "no-store"


def test_looked_at_as_a_page_that_can_do_nothing(page: Site) -> None:
    for n, text in enumerate(HOSTILE[:12]):
        page.deps.store.add(incident(f"H{n:03d}", whole=text, author=text))
    page.deps.store.flush()
    for n in range(12):
        page.press(f"/entry/H{n:03d}/save")
    made(page)
    looked = page.get("/evidence/look")
    policy = looked.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert {"sandbox", "frame-ancestors 'none'", "form-action 'none'"} <= {part.strip() for part in policy.split(";")}
    assert "<script" not in looked.text.lower()
    assert "script" not in page.get("/evidence/").headers["Content-Security-Policy"].replace("'script'", "")


@pytest.mark.parametrize("recipient", list(Recipient))
def test_for_whom(page: Site, recipient: Recipient) -> None:
    page.press("/entry/AB12/save")
    files = container.unpack(made(page, recipient.value, ""))
    told = files[names.PAGE].decode()
    assert f"It is for: {recipient.called}." in told
    assert ("anna" in told) == (recipient is not Recipient.PLATFORM)
    assert ("name of the child" in told) == (recipient is Recipient.PLATFORM)
    assert names.body(1) not in files
    assert "left out of this package by choice" in told


def test_nothing_chosen_nobody_to_get_it_or_no_longer_there(page: Site) -> None:
    assert "nothing to make" in page.press("/evidence/make", recipient="police").text
    page.press("/entry/AB12/save")
    for whom in ("", "everybody"):
        refused = page.press("/evidence/make", recipient=whom)
        assert (refused.status_code, "Choose one." in refused.text) == (400, True)
    for path in ("look", "download"):
        assert page.get(f"/evidence/{path}").status_code == 404
    page.deps.store.review.forget(0)
    assert "no longer in the log" in page.get("/evidence/").text
    assert "nothing to make" in page.press("/evidence/make", recipient="police").text


def test_too_much_for_the_page_is_said(page: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    page.press("/entry/AB12/save")
    monkeypatch.setattr(page_of, "MOST_UPLOAD", 2**20 + 100)
    refused = page.press("/evidence/make", recipient="school", answers="1")
    assert (refused.status_code, "too large for the page" in refused.text) == (400, True)


def test_a_package_ends_with_its_session(page: Site) -> None:
    page.press("/entry/AB12/save")
    made(page)
    page.press("/sign-out")
    assert page.get("/evidence/download").location == "/sign-in"
    page.sign_in()
    assert page.get("/evidence/download").status_code == 404
    assert page.deps.paths.saved.is_file()  # what was chosen stays


def test_checked_as_it_was_made_and_with_one_byte_changed(page: Site) -> None:
    page.press("/entry/AB12/save")
    data = made(page)
    digest = evidence.check_zip(data).digest
    for told in ("", digest, f"  {digest[:32]} {digest[32:].upper()} "):
        assert "Nothing was changed since it was made." in send(page, data, told).text
    at = data.index(b"needle")
    changed = send(page, data[:at] + b"N" + data[at + 1 :]).text
    assert "CHANGED" in changed
    assert f"{names.entry(1)}: changed" in changed
    assert "CHANGED" in send(page, data, "0" * 64).text
    assert "64 digits" in send(page, data, "12").text
    assert "Choose the file" in send(page, b"").text


def many(count: int) -> bytes:
    """A zip of that many empty files, as small as zips are."""
    return b"".join(struct.pack("<4s5H3I2H", b"PK\x03\x04", 0, 0, 0, 0, 0, 0, 0, 0, 5, 0) + b"%05x" % n for n in range(count))


def listing_missing_files(count: int) -> bytes:
    """A right list of files of which none is there, among as many others: a search for each among all would never end."""
    links = [manifest.Link(n, "A", f"{n:064x}") for n in range(1, count + 1)]
    files = {f"f{n}": str(n).encode() for n in range(count)}
    return container.pack(files | {names.MANIFEST: manifest.write(links, b"", {})})


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "data",
    [
        b"PK",
        b"PK\x03\x04" + b"\xff" * 26,
        b"x" * 100_000,
        many(70_000),
        listing_missing_files(20_000),
        container.pack({names.MANIFEST: b"[" * 100_000}),
        container.pack({names.MANIFEST: b'{"format": "safeguard-evidence-1", "entries": [{"number": 1e999}]}'}),
        *(container.pack({names.MANIFEST: b"{}", t.encode("utf-8", "surrogatepass").decode("utf-8", "replace"): b""}) for t in HOSTILE[:3]),
        container.pack({"../../etc/passwd": b"x", names.MANIFEST: b"{}"}),
        struct.pack("<4s5H3I2H", b"PK\x03\x04", 0, 0, 0, 0, 0, 0, 0, 0, 3, 0) + b"\xff\xfe<",
    ],
    ids=[
        "cut off",
        "sizes beyond the end",
        "no zip",
        "too many files",
        "missing files",
        "deep json",
        "huge number",
        "script 1",
        "script 2",
        "script 3",
        "path",
        "no name",
    ],
)
def test_a_hostile_file_is_told_to_be_none_of_ours(page: Site, data: bytes) -> None:
    answer = send(page, data)
    assert answer.status_code == 200
    assert "CHANGED" in answer.text
    result = answer.text.split('id="result"')[1].split("</div>")[0]
    assert "<script" not in result.lower()
    assert len(re.findall("<li>", result)) <= page_of.MOST_LINES
    assert len(unescape(result)) < page_of.MOST_LINES * (page_of.LONGEST_LINE + 200)


def test_a_file_beyond_the_bound_is_refused_and_other_forms_take_no_more_than_before(page: Site) -> None:
    assert send(page, b"x" * (page_of.MOST_UPLOAD + 1)).status_code == 413
    assert page.press("/evidence/make", recipient="x" * MOST_BYTES).status_code == 413
    assert page.post("/evidence/check", {"package": "x"}).status_code == 403  # without the token

"""Charsets as browsers pick them; bytes nobody can decode come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.errors import Unchecked
from safeguard.formats.charset import decode
from safeguard.pipeline import Exchange, Result
from tests.formats.fake import BAD, pipeline

PIPELINE = pipeline()


@pytest.mark.parametrize(
    ("data", "content_type", "expected"),
    [
        pytest.param("<p>мир".encode("cp1251"), "text/html; charset=windows-1251", "<p>мир", id="header"),
        pytest.param("<meta charset=windows-1251>мир".encode("cp1251"), "text/html", "<meta charset=windows-1251>мир", id="meta"),
        pytest.param("\ufeffмир".encode(), "text/html; charset=windows-1251", "мир", id="BOM beats the header"),
        pytest.param("\ufeffмир".encode("utf-16-le"), "text/html", "мир", id="UTF-16 by BOM"),
        pytest.param(b"<p>caf\xe9", 'text/html; charset="ISO-8859-1"', "<p>café", id="latin1 is windows-1252"),
        pytest.param("мир".encode(), "text/html", "мир", id="UTF-8 where nothing is said"),
        pytest.param("<meta charset=utf-16>мир".encode(), "text/html", "<meta charset=utf-16>мир", id="UTF-16 in meta means UTF-8"),
    ],
)
def test_decodes(data: bytes, content_type: str, expected: str) -> None:
    text = decode(data, content_type, markup=True)
    assert text.text == expected
    assert text.encoded(text.text) == data


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        pytest.param(b"+AGE-", "text/html; charset=utf-7", id="UTF-7"),
        pytest.param(b"x", "text/html; charset=iso-2022-jp", id="ISO-2022-JP"),
        pytest.param(b"x", "text/html; charset=klingon", id="unknown"),
        pytest.param("x".encode("utf-32"), "text/html", id="UTF-32"),
        pytest.param(b"<p>\xec\xe8\xf0", "text/html", id="a guess"),
        pytest.param(b"abc", "text/html; charset=utf-16", id="half a UTF-16 unit"),
    ],
)
def test_unchecked(data: bytes, content_type: str) -> None:
    with pytest.raises(Unchecked):
        decode(data, content_type, markup=True)


@given(st.binary(max_size=60), st.binary(max_size=60), st.sampled_from(["utf-8", "windows-1251", "koi8-r", "windows-1254", "iso-8859-1"]))
def test_undecodable_bytes_beside_a_hidden_text_survive(before: bytes, after: bytes, name: str) -> None:
    strip = bytes(range(0x20, 0x80)) + b"\0\t\n\r\x0b\x0c\xa0\x85"
    before, after = before.translate(None, strip), after.translate(None, strip)
    if before.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    raw = b"<p>" + before + b"</p><p>" + BAD.encode() + b"</p><p>" + after + b"</p>"
    outcome = PIPELINE.check_body(Exchange("https://site.test/", "site.test", f"text/html; charset={name}"), raw)
    assert outcome.result is Result.EDIT
    assert BAD.encode() not in outcome.body
    assert outcome.body.startswith(b"<p>" + before + b"</p><p>")
    assert outcome.body.endswith(b"</p><p>" + after + b"</p>")


@pytest.mark.parametrize("content_type", ["text/html; charset=windows-1251", "text/plain; charset=windows-1252"])
def test_a_notice_fits_into_a_small_charset(content_type: str) -> None:
    PIPELINE_HY = pipeline()
    PIPELINE_HY.lang = "hy"
    outcome = PIPELINE_HY.check_body(Exchange("https://site.test/", "site.test", content_type), BAD.encode())
    assert outcome.result is Result.EDIT
    assert b"SafeGuard" in outcome.body


def test_what_says_it_is_utf16_and_is_not_is_unchecked() -> None:
    with pytest.raises(Unchecked, match="UTF-16"):
        decode(b"\xff\xfe<p>hello", "", markup=True)


@pytest.mark.parametrize(("script", "expected"), [(True, "мир"), (False, "мир".encode().decode("cp1251"))], ids=["script", "page"])
def test_scripts_take_for_utf8_what_can_be(script: bool, expected: str) -> None:
    assert decode("мир".encode(), "text/html; charset=windows-1251", False, script).text == expected
    assert decode("мир".encode("cp1251"), "text/html; charset=windows-1251", False, script).text == "мир"

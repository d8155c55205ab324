"""One spelling for every way to write a host name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.proxy import headers
from safeguard.proxy.hosts import normal, of_header


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Social.TEST", "social.test"),
        ("social.test.", "social.test"),
        ("social。test", "social.test"),
        ("ｓocial.test", "social.test"),
        ("пример.test", "xn--e1afmkfd.test"),
        ("a_b.test", "a_b.test"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("social.test/evil", ""),
        ("a..b", ""),
        ("", ""),
    ],
)
def test_normal(written: str, name: str) -> None:
    assert normal(written) == name


@pytest.mark.parametrize(
    ("written", "name"), [("Social.test:443", "social.test"), ("social.test", "social.test"), ("[::1]:80", "::1"), ("a:b:c", "a:b:c")]
)
def test_of_header(written: str, name: str) -> None:
    assert of_header(written) == name


@given(st.text())
def test_any_text(text: str) -> None:
    assert normal(normal(text)) == normal(text)
    of_header(text)


@pytest.mark.parametrize(
    ("said", "whole"),
    [("bytes 0-9/10", True), ("bytes 0-8/10", False), ("bytes 1-9/10", False), ("bytes 0-9/*", False), ("", False), ("bytes */10", False)],
)
def test_is_whole(said: str, whole: bool) -> None:
    assert headers.is_whole(said) is whole

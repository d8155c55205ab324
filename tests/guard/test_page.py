"""The guard's tag comes before any script of the page, moves no declaration of a charset, and edits policies in <meta>."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.guard.page import tag, with_guard
from tests.guard.policies import OURS

G = "<GUARD>"
PLACES = {
    "after the head's tag": "<!doctype html><html lang=en><head data-x='>'>{}<script>1</script></head><body>",
    "a page without a head": "<!DOCTYPE html>\n<!-- hello <head> -->\n<html>\n{}<body><head>",
    "a page without anything": "<!doctype html>{}<p>text",
    "no doctype": "{}<p>text",
    "a script before all": "{}<script>1</script><head></head>",
    "text alone": "{} text <head>",
    "nothing": "{}",
    "a cut-off tag": "<html>{}<head data-x=",
    "capitals": "<HTML><HEAD>{}<TITLE>x</TITLE>",
    "a head in a comment": "<!--<head>--><html><head>{}<title><head></title>",
}


@pytest.mark.parametrize("page", PLACES.values(), ids=PLACES.keys())
def test_the_place_of_the_tag(page: str) -> None:
    assert with_guard(page.replace("{}", ""), G, OURS, False) == page.replace("{}", G)


def test_a_charset_that_only_the_page_names_stays_early() -> None:
    page = "<head><title>x</title><meta charset=koi8-r><script>1</script>"
    assert with_guard(page, G, OURS, True) == page.replace("koi8-r>", f"koi8-r>{G}")
    old = '<head><meta http-equiv=Content-Type content="text/html; charset=koi8-r"><script>1</script>'
    assert with_guard(old, G, OURS, True) == old.replace("<script>", f"{G}<script>")
    assert with_guard(page, G, OURS, False).startswith(f"<head>{G}")


def test_policies_in_meta() -> None:
    page = (
        '<head><meta http-equiv="Content-Security-Policy" content="script-src &#39;unsafe-inline&#39;">'
        "<meta http-equiv=content-security-policy content=script-src>"
        '<meta name=x content="script-src"></head><meta http-equiv=content-security-policy content="connect-src x.test"><body>'
        '<meta http-equiv="Content-Security-Policy" content="script-src x.test">'
    )
    assert with_guard(page, G, OURS, False) == (
        f'<head>{G}<meta http-equiv="Content-Security-Policy" content="script-src &#x27;unsafe-inline&#x27; {OURS.script}">'
        f'<meta http-equiv=content-security-policy content="script-src {OURS.script}">'
        f'<meta name=x content="script-src"></head><meta http-equiv=content-security-policy content="connect-src x.test {OURS.ask}"><body>'
        '<meta http-equiv="Content-Security-Policy" content="script-src x.test">'
    )


def test_a_policy_that_lets_us_in_stays_as_it_is_written() -> None:
    page = "<head><meta http-equiv=content-security-policy content='default-src &#39;self&#39;'>"
    assert with_guard(page, "", OURS, False) == page


def test_the_tag_names_script_page_and_digest() -> None:
    assert tag(OURS, "12", "sha256-x=") == (
        f'<script src="{OURS.script}?12" nonce="OURS" crossorigin="anonymous" integrity="sha256-x="></script>'
    )


@given(st.text("<>!-/ =\"'headmetascript\n&;", max_size=80))
def test_any_page_only_grows_by_the_tag(text: str) -> None:
    made = with_guard(text, "\0", OURS, True)
    assert made.replace("\0", "") == text
    assert made.count("\0") == 1

"""The page of a package in the parent's language; what scripts read in it stays as it is."""

from __future__ import annotations

import html
import json
import re

import pytest

from safeguard import language
from safeguard.evidence import names
from safeguard.system import catalogue
from tests.evidence.rig import entry, package


@pytest.mark.parametrize(
    ("lang", "head"),
    [
        ("hy", "SafeGuard-ի պահած ապացույցներ"),
        ("az", "SafeGuard-ın saxladığı sübutlar"),
        ("ru", "Доказательства, сохранённые SafeGuard"),
        ("tr", "SafeGuard'ın sakladığı kanıtlar"),
    ],
)
def test_the_page_speaks_the_parents_language(lang: str, head: str) -> None:
    """And nothing of ours is left in English."""
    english = package([entry(seen=3, review="right", account="anna", url="https://social.test/1")])
    language.speak(catalogue.words(lang))
    try:
        files = package([entry(seen=3, review="right", account="anna", url="https://social.test/1")])
    finally:
        language.speak(language.ENGLISH)
    page = html.unescape(files[names.PAGE].decode())
    assert f'<html lang="{lang}">' in page
    assert head in page
    for word in ("Evidence", "entry", "Entry", "kept", ">Met<", "Author", "severity", "The words", "digest of"):
        assert word not in re.sub(r"<style>.*?</style>|<code>.*?</code>", "", page, flags=re.S), word
    ours, theirs = (json.loads(f[names.entry(1)]) for f in (english, files))
    assert {k: v for k, v in ours.items() if k != "not_kept"} == {k: v for k, v in theirs.items() if k != "not_kept"}

"""The pages that stand for what could not be shown: each says what it was, in the child's language, and in the parent's for the log."""

from __future__ import annotations

import json

import pytest

from safeguard.policy import asking, bad_server, blocked, unreached
from safeguard.policy.notice import NOTICES

GONE = unreached.BEGINS + "chat.test: unknown name"
LINK = asking.link("en", "/check", "AB12-CD34")


@pytest.mark.parametrize("lang", NOTICES)
def test_a_site_that_cannot_be_reached_is_not_called_hidden(lang: str) -> None:
    page = blocked.page(lang, GONE, "AB12-CD34", "help", LINK)[0].decode()
    assert f"<h1>{unreached.TITLE[lang]}</h1>" in page
    assert "AB12-CD34" in page
    assert "chat.test: unknown name" in page
    assert "/check" not in page
    assert blocked.TITLE[lang] not in page
    assert json.loads(blocked.answer(lang, GONE, "AB12-CD34")[0])["message"] == unreached.TITLE[lang]


@pytest.mark.parametrize("lang", NOTICES)
def test_another_page_that_could_not_be_checked_leads_to_the_parents(lang: str) -> None:
    page = blocked.page(lang, "too large", "AB12-CD34", "", LINK)[0].decode()
    assert blocked.TITLE[lang] in page
    assert "/check" in page
    assert unreached.TITLE[lang] not in page


@pytest.mark.parametrize("lang", NOTICES)
def test_the_log_says_it_in_the_parents_language(lang: str) -> None:
    for why in ("the body is too large", GONE, *bad_server.REASONS):
        assert (blocked.said(why, lang) == why) is (lang == "en")
    assert blocked.said(GONE, lang).endswith("chat.test: unknown name")

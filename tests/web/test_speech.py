"""The page speaks the language of the settings, else the browser's, else the session's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safeguard.policy import unreached
from safeguard.system import catalogue
from safeguard.web import create_app
from tests.store.conftest import incident
from tests.web.conftest import ORIGIN, Site

SIGN_IN = {"en": "Sign in", "hy": "Մուտք", "az": "Giriş", "ru": "Войти", "tr": "Giriş yap"}


@pytest.mark.parametrize("lang", SIGN_IN)
def test_the_browsers_language(site: Site, lang: str) -> None:
    text = site.get("/sign-in", Accept_Language=f"{lang},en;q=0.5").text
    assert f'<html lang="{lang}">' in text
    assert f"<h1>{SIGN_IN[lang]}</h1>" in text


@pytest.mark.parametrize("asked", ["", "de", "xx-!!", "*", ";q=5"])
def test_another_language_is_english(site: Site, asked: str) -> None:
    assert "<h1>Sign in</h1>" in site.get("/sign-in", Accept_Language=asked).text


@pytest.mark.parametrize(("asked", "lang"), [("en-US,en;q=0.9", "hy"), ("", "hy"), ("de", "hy"), ("ru,en;q=0.5", "ru")])
def test_a_browser_that_speaks_no_armenian_gets_the_sessions_language(site: Site, asked: str, lang: str) -> None:
    catalogue.speak("hy")
    try:
        client = create_app(site.deps).test_client()
        text = client.get("/sign-in", base_url=ORIGIN, headers={"Accept-Language": asked}).text
    finally:
        catalogue.speak("en")
    assert f'<html lang="{lang}">' in text


def test_the_settings_come_first(site: Site) -> None:
    client = create_app(replace(site.deps, lang="hy")).test_client()
    assert "Մուտք" in client.get("/sign-in", base_url=ORIGIN, headers={"Accept-Language": "ru"}).text


@pytest.mark.parametrize("lang", ["hy", "az", "ru", "tr"])
def test_nothing_english_is_left_on_a_full_page(site: Site, lang: str) -> None:
    site.deps.store.add(incident("AB12", account="anna"))
    site.deps.store.flush()
    site.sign_in()
    token = site.token()
    for path, fields in (("allow", {"scope": "text"}), ("hide-author", {})):
        site.post(f"/entry/AB12/{path}", {"token": token, **fields}, Accept_Language=lang)
    text = site.get("/", Accept_Language=lang).text
    for english in (
        "Review",
        "Show",
        "Severity",
        "Take back",
        "Call to",
        "Hidden",
        "Why?",
        "Allow",
        "post",
        "highest",
        "Nothing",
        " AM",
        " PM",
    ):
        assert english not in text.replace('method="post"', ""), english


def test_why_a_page_was_not_shown_is_said_in_the_parents_language(site: Site) -> None:
    site.deps.store.add(incident("AB12", kind="unchecked", excerpt=unreached.BEGINS + "chat.test: unknown name"))
    site.deps.store.flush()
    site.sign_in()
    text = site.get("/", Accept_Language="hy").text
    assert unreached.TITLE["hy"] in text
    assert unreached.BEGINS not in text

"""The page's language: that of the settings, else the browser's or the session's; and times and numbers as that language writes them."""

from __future__ import annotations

import datetime as dt

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask import Flask, g, request

from safeguard import language, wiring
from safeguard.config import AUTO
from safeguard.language import LANGS, N_
from safeguard.language import _ as say
from safeguard.system import catalogue
from safeguard.web.deps import Deps

__all__ = ["N_", "install", "rules_say", "say", "when"]


def rules_say(text: str) -> str:
    """What a rule, a group or a site says of itself, in the page's language; what the family wrote, as it is."""
    if "rules_say" not in g:
        g.rules_say = wiring.rules_say(g.paths)
    said: str = g.rules_say(text)
    return said


def when(ms: int) -> str:
    """A time of the log, local, as the page's language writes it."""
    return format_datetime(dt.datetime.fromtimestamp(ms / 1000).astimezone(), "medium", locale=g.lang)


def day(date: dt.date | str) -> str:
    """A day as the page's language writes it; a text that is none (rule files may have one) as it is."""
    try:
        found = dt.date.fromisoformat(date) if isinstance(date, str) else date
    except ValueError:
        return str(date)
    return format_date(found, "medium", locale=g.lang)


def number(value: int) -> str:
    """A number as the page's language writes it."""
    return format_decimal(value, locale=g.lang)


def install(app: Flask, deps: Deps) -> None:
    """Chooses the language of each request, and gives `_` and `when` to the templates."""
    session = language.spoken()

    def choose() -> None:
        fixed = deps.lang if deps.lang != AUTO and deps.lang in LANGS else None
        asked = request.accept_languages.best_match(LANGS) or LANGS[0]
        g.lang = fixed or (session if asked == LANGS[0] else asked)  # no Chromium speaks Armenian: it asks for English in any session
        g.paths = deps.paths
        language.speak_here(catalogue.words(g.lang))

    app.before_request(choose)
    app.teardown_request(lambda error: language.speak_here(None))
    app.jinja_env.globals.update(_=say)
    app.jinja_env.filters.update(when=when, day=day, number=number, rules_say=rules_say)
    app.context_processor(lambda: {"lang": g.get("lang", LANGS[0])})

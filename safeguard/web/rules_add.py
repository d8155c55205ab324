"""An own word, phrase, account or address: first what it would find and change, then, by a second click, it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Flask, make_response, render_template, request
from werkzeug.wrappers import Response

from safeguard import wiring
from safeguard.errors import StoreError
from safeguard.policy.preview import FORMS, Preview, count, forms, preview, shaped
from safeguard.ruleset.model import LANGS, ListRule
from safeguard.system import own_entry
from safeguard.system.own_rules import Place
from safeguard.web import labels
from safeguard.web.family import SOON, WHATS, Family, told
from safeguard.web.marks import cut
from safeguard.web.speech import N_, say

MOST_ENTRIES = 20_000
"""Of the log, that a preview looks at, the newest first."""
MOST_FORMS = 200
SHOWN = 5
"""Texts that are shown, of the log and of each language."""


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed. what: "" to be guessed from the text; name: of the list."""

    text: str = ""
    what: str = ""
    name: str = "own"
    hide: bool = True
    until: str = ""
    lang: str = ""

    @property
    def kind(self) -> str:
        return self.what or own_entry.guess(self.text)

    @property
    def place(self) -> Place:
        return Place(self.name, self.hide, self.until, self.lang)

    @property
    def rule(self) -> ListRule:
        return ListRule(f"list.{self.name}", self.kind, self.text, self.hide, self.until, self.lang)


EMPTY = Given()


def install(app: Flask, family: Family) -> None:
    """The page of an entry to come."""
    pages = Blueprint("rules_add", __name__, url_prefix="/rules")

    @pages.get("/add")
    def index() -> str:
        return render_template("rules_add.html", given=EMPTY)

    @pages.post("/preview")
    def look() -> Response:
        given = given_of(request.form)
        problem = _problem(family, given)
        if problem:
            return make_response(render_template("rules_add.html", given=given, problem=problem), 400)
        there = family.own.with_entry(given.place, own_entry.KEYS[given.kind], given.text) is None
        made = _preview(family, given.rule)
        values = {"there": there, "made": made, "count": count, "forms": forms, "shaped": shaped, "labels": labels, "cut": cut}
        return make_response(
            render_template("rules_add.html", given=given, few=FORMS, many=MOST_FORMS, shown=SHOWN, not_all=MOST_ENTRIES, **values)
        )

    @pages.post("/add")
    def add() -> Response:
        given = given_of(request.form)
        problem = _problem(family, given)
        if problem:
            return make_response(render_template("rules_add.html", given=given, problem=problem), 400)
        with family.changes.change() as made:
            data = family.own.with_entry(given.place, own_entry.KEYS[given.kind], given.text)
            if data is not None:
                family.own.write(family.own.path(given.place), data)
        said = say(N_("Added.")) if data is not None else say(N_("It is in this list already."))
        return family.done(f"{said} {say(SOON)}", made.number, at="list", name=given.name)

    app.register_blueprint(pages)


def given_of(form: Mapping[str, str]) -> Given:
    """What the form says; a choice that is none of ours is left out."""
    what, lang = form.get("what", ""), form.get("lang", "")
    return Given(
        own_entry.tidy(form.get("text", "")),
        what if what in WHATS else "",
        form.get("list", "").strip() or "own",
        form.get("action") != "allow",
        form.get("until", ""),
        lang if lang in LANGS else "",
    )


def _problem(family: Family, given: Given) -> str:
    """What is wrong, in a sentence, "" for nothing."""
    if not own_entry.is_name(given.name):
        return say(N_("A list's name is 1 to 40 small letters (a to z), digits and hyphens, such as school."))
    if given.until and (own_entry.day(given.until) is None or own_entry.over(given.until)):
        return say(N_("A last day is today or later, written like 2027-01-31."))
    if not given.text:
        return say(N_("Type what is to be found."))
    if wrong := own_entry.wrong(given.kind, given.text):
        return told(wrong)
    data = family.own.with_entry(given.place, own_entry.KEYS[given.kind], given.text)
    found = [p for p in wiring.lint_named([(given.place.file, data)]) if not p.warning] if data is not None else []
    return str(found[0]) if found else ""


def _preview(family: Family, rule: ListRule) -> Preview:
    """What it would change; a log that cannot be read is said, and no reason to refuse the entry."""
    try:
        log, problem = [e.incident for e in family.deps.store.entries(MOST_ENTRIES)], ""
    except StoreError as e:
        log, problem = [], str(e)
    return preview(family.tries(), rule, log, problem)

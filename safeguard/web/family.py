"""What the pages about the rules share: the family's lists, the changes that one click takes back, where a click leads afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, redirect, request, url_for
from werkzeug.wrappers import Response

from safeguard.errors import Problem
from safeguard.policy.preview import Tries
from safeguard.ruleset.known import known
from safeguard.ruleset.model import Context, Frame
from safeguard.system import everyday
from safeguard.system.own_changes import Changes
from safeguard.system.own_entry import Wrong, over
from safeguard.system.own_lists import OwnLists, Part
from safeguard.web.deps import Deps
from safeguard.web.speech import N_, say

WHATS = {
    "word": N_("word, in all its forms"),
    "phrase": N_("several words in this order, in all their forms"),
    "exact": N_("word or words in just this form"),
    "fuzzy": N_("word or words, also misspelt"),
    "account": N_("everything this account writes"),
    "link": N_("every text with this address"),
    "hashtag": N_("every text with this hashtag"),
    "regex": N_("pattern (regular expression)"),
}
LANGUAGES = {"en": N_("English"), "ru": N_("Russian"), "tr": N_("Turkish"), "az": N_("Azerbaijani"), "hy": N_("Armenian")}
WRONG = {
    Wrong.INVISIBLE: N_("It has invisible or control characters; type it again without them."),
    Wrong.LONG: N_("It has %(detail)s characters, which is too many; shorten it."),
    Wrong.PATTERN: N_("This pattern cannot be used (%(detail)s); mend it."),
    Wrong.EVERYTHING: N_("This pattern fits an empty text, so it would hide everything; mend it."),
    Wrong.LINK: N_("An address has at least four characters and a dot, such as example.org/page."),
    Wrong.ACCOUNT: N_("An account has a name; type it."),
    Wrong.WORDLESS: N_("It has no word in it that could be found; type one."),
    Wrong.SHORT: N_("It would hide every word that begins with “%(detail)s”; give at least three letters."),
}
SOON = N_("It takes effect within a few seconds.")
STALE = N_("That changed meanwhile, so nothing was taken back.")


def told(wrong: tuple[Wrong, str]) -> str:
    """What is wrong with an entry, and how to mend it."""
    text = WRONG[wrong[0]]
    return say(text, detail=wrong[1]) if "%(detail)s" in text else say(text)


@dataclass(frozen=True, slots=True)
class OwnList:
    """A list of the family: its parts, whether it is switched off, and its last day ("" for none) beside those of its parts."""

    name: str
    parts: tuple[Part, ...]
    off: bool
    until: str

    @property
    def id(self) -> str:
        return f"list.{self.name}"

    @property
    def ended(self) -> bool:
        return over(self.until)


class Family:
    """The family's rules as the page reads and changes them."""

    def __init__(self, deps: Deps) -> None:
        self.deps = deps
        self.own = deps.own
        self.lists = OwnLists(deps.own.folder.parent)
        self.changes = Changes(deps.own)
        self._known: tuple[Sequence[tuple[str, bytes]], dict[str, Frame | Context]] = ((), {})
        self._tries: Tries | None = None

    def read(self) -> tuple[list[OwnList], list[Problem]]:
        """The lists by name, and what is wrong in files of the family, because of which the filter keeps the last good rules."""
        parts, problems = self.lists.read()
        off, until = set(self.own.disabled()), self.own.expiring()
        made = []
        for name in sorted({p.place.name for p in parts}):
            id_ = f"list.{name}"
            made.append(OwnList(name, tuple(p for p in parts if p.place.name == name), id_ in off, until.get(id_, "")))
        return made, problems

    def rules(self) -> dict[str, Frame | Context]:
        """Every rule and context, also what is switched off."""
        files = self.deps.rules()
        if files != self._known[0]:
            self._known = (files, known(files))
        return self._known[1]

    def tries(self) -> Tries:
        """What an entry is tried on, under the rules in force."""
        made, rules = self._tries, self.deps.engine().rules
        if made is None or made.rules is not rules:
            made = self._tries = Tries(rules, everyday.texts())
        return made

    def done(self, said: str, number: int, **marks: str) -> Response:
        """Tells it on the next page, with a button that takes the change of that number back."""
        g.session.said, g.session.undo = said, number
        return redirect(there(**marks), 303)


def there(**given: str) -> str:
    """The page that the click came from: its name stands in the address as `at`, with what it was asked for."""
    asked = {**request.args.to_dict(), **given}
    page = number(asked.get("page", ""))
    rest = {"q": asked.get("q", ""), "page": str(page) if page > 1 else ""}
    if asked.get("at") == "known":
        return _address("rules_known.index", rest | {"show": asked.get("show", "")})
    if asked.get("at") == "list":
        return _address("rules.show", rest | {"name": asked.get("name", "")})
    return url_for("rules.index")


def _address(endpoint: str, asked: dict[str, Any]) -> str:
    return url_for(endpoint, **{k: v[:200] for k, v in asked.items() if v})  # an address is no place for long texts


def number(text: str) -> int:
    """A page's number of an address, 1 for what makes no sense."""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def shown_once() -> dict[str, object]:
    """What the last click did, for the template, and no longer afterwards."""
    said, undo = g.session.said, g.session.undo
    g.session.said, g.session.undo = "", 0
    return {"said": said, "undo": undo}


@dataclass(frozen=True, slots=True)
class Sheet[T]:
    """One page of many things: those on it, of how many, its number and that of the last one."""

    rows: Sequence[T]
    all: int
    page: int
    last: int


def sheet[T](rows: Sequence[T], page: int, size: int) -> Sheet[T]:
    """That page; the last one where there are not so many."""
    last = max(1, -(-len(rows) // size))
    page = min(page, last)
    return Sheet(rows[(page - 1) * size : page * size], len(rows), page, last)

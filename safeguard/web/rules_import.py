"""A list from a file: taken whole or not at all, and what is wrong with it said in one line: where, what, how to mend it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Flask, make_response, render_template, request
from werkzeug.wrappers import Response

from safeguard import strict_yaml, wiring
from safeguard.errors import Problem, RuleError
from safeguard.matching.bare_names import find
from safeguard.matching.lists import Lists
from safeguard.ruleset import own_words
from safeguard.ruleset.model import CompiledRules, ListRule
from safeguard.ruleset.parser import parse
from safeguard.strict_yaml import Map, Seq
from safeguard.system import everyday, own_entry
from safeguard.system.own_lists import place_of
from safeguard.system.own_rules import Place
from safeguard.system.terminal import safe
from safeguard.text.unit import TextUnit
from safeguard.web.family import SOON, Family, told
from safeguard.web.rules_add import EMPTY
from safeguard.web.speech import N_, say

MOST = 2**20
"""Bytes of a file."""
MOST_ENTRIES = 20_000
MOST_ASKED = 15 * 2**20
"""Bytes that are read of what is sent, so that what is wrong with a large file can still be said."""


class Refused(Exception):
    """The file is no list that can be taken; the text says where, what and how to mend it."""


def install(app: Flask, family: Family) -> None:
    """What the form with the file does."""
    pages = Blueprint("rules_import", __name__, url_prefix="/rules")

    @pages.post("/import")
    def take() -> Response:
        sent = request.files.get("file")
        name = safe((sent.filename or "") if sent else "")[:80]
        try:
            if sent is None or not name:
                raise Refused(say(N_("No file was chosen; choose one first.")))
            place, entries = read(name, sent.stream.read(MOST + 1), request.form.get("list", "").strip())
        except Refused as e:
            lists, problems = family.read()
            refused = render_template("rules.html", lists=lists, problems=problems, given=EMPTY, refused=str(e))
            return make_response(refused, 400)
        with family.changes.change() as made:
            data, new = family.own.with_entries(place, entries)
            if data is not None:
                family.own.write(family.own.path(place), data)
        size = sum(map(len, entries.values()))
        said = say(N_("%(new)s of %(all)s entries are new."), new=new, all=size)
        texts = everyday.every()
        if new and (found := hidden(family.deps.engine().rules, place, entries, texts)):
            careful = N_("Careful: of %(all)s everyday harmless texts this list would hide %(found)s.")
            said = f"{said} {say(careful, all=len(texts), found=found)}"
        return family.done(f"{said} {say(SOON)}", made.number, at="list", name=place.name)

    app.register_blueprint(pages)


def read(name: str, data: bytes, called: str = "") -> tuple[Place, dict[str, list[str]]]:
    """The place and the entries (key of a rule file -> values) of a list's file; called: another name for the list. Raises Refused."""
    if len(data) > MOST:
        raise Refused(say(N_("%(file)s is larger than 1 MB, more than a list may be; split it into several files."), file=name))
    try:
        doc = strict_yaml.load(name, data)
    except RuleError as e:
        raise _broken(e.problems) from e
    if not isinstance(doc, Map) or doc.get("kind") != "list":
        raise Refused(say(N_("%(file)s, line 1: this is no list, whose first line is “kind: list”; choose another file."), file=name))
    raw = parse([(name, data)])
    if raw.problems:
        raise _broken(raw.problems)
    if not raw.lists:
        raise Refused(say(N_("%(file)s: this list has no entries; add some, or choose another file."), file=name))
    if len(raw.lists) > MOST_ENTRIES:
        raise Refused(
            say(
                N_("%(file)s has more than %(most)s entries, too many for a list; split it into several files."),
                file=name,
                most=MOST_ENTRIES,
            )
        )
    place = place_of(raw.lists)
    place = Place(called or place.name, place.hide, place.until, place.lang)
    if not own_entry.is_name(place.name):
        line = doc.lines.get("id", 1)
        text = N_(
            "%(file)s, line %(line)s: a list's name is 1 to 40 small letters (a to z), digits and hyphens; give it another name below."
        )
        raise Refused(say(text, file=name, line=line))
    entries: dict[str, list[str]] = {}
    for what, key in own_entry.KEYS.items():
        for value, line in _values(doc, key):
            tidy = own_entry.tidy(value)
            if wrong := own_entry.wrong(what, tidy):
                raise Refused(say(N_("%(file)s, line %(line)s: %(what)s"), file=name, line=line, what=told(wrong)))
            entries.setdefault(key, []).append(tidy)
    if problems := [p for p in wiring.lint_named([(name, data)]) if not p.warning]:
        raise _broken(problems)
    return place, entries


def hidden(rules: CompiledRules, place: Place, entries: dict[str, list[str]], texts: Sequence[str]) -> int:
    """How many of these texts the entries would hide."""
    if not place.hide:
        return 0
    whats = {key: what for what, key in own_entry.KEYS.items()}
    made = [ListRule("", whats[key], value, True, "", place.lang) for key, values in entries.items() for value in values]
    lists = Lists(own_words.listed(made, rules.stems[""], rules.inflection), rules.ordinary)
    return sum(any(not h.cut for h in hits) for hits in find(lists, [TextUnit.of(text) for text in texts]))


def _values(doc: Map, key: str) -> list[tuple[str, int]]:
    """The texts under a key, each with its line."""
    found = doc.get(key, ())
    return (
        list(zip(map(str, found), found.lines, strict=True)) if isinstance(found, Seq) else [(str(found), doc.lines[key])] if found else []
    )


def _broken(problems: list[Problem] | tuple[Problem, ...]) -> Refused:
    """The first of them; how many there are tells whether the file is the wrong one."""
    first = problems[0]
    values = {"file": first.file, "line": max(1, first.line), "what": safe(first.what)[:300], "more": len(problems) - 1}
    if len(problems) == 1:
        return Refused(say(N_("%(file)s, line %(line)s: %(what)s. Mend this and choose the file again."), **_without(values, "more")))
    return Refused(say(N_("%(file)s, line %(line)s: %(what)s. Mend this and %(more)s more places, and choose the file again."), **values))


def _without(values: dict[str, object], key: str) -> dict[str, object]:
    return {k: v for k, v in values.items() if k != key}

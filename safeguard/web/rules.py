"""The family's own lists: what is in them, switched on and off, ended on a day, kept as a file; every click can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, Flask, abort, make_response, render_template, request
from werkzeug.wrappers import Response

from safeguard.matching.verdict import Category
from safeguard.ruleset.model import LANGS, Frame, ListRule
from safeguard.system import own_entry
from safeguard.system.own_lists import Part
from safeguard.system.own_rules import OVERRIDES
from safeguard.text.fold import fold
from safeguard.web import rules_add, rules_import, rules_known, try_text
from safeguard.web.deps import Deps
from safeguard.web.family import LANGUAGES, SOON, STALE, WHATS, Family, number, sheet, shown_once
from safeguard.web.speech import N_, say

SIZE = 50
NO_DAY = N_("Nothing was changed: a last day is today or later, written like 2027-01-31.")
LAST = N_("It holds to the end of that day.")
ENDLESS = N_("It holds without an end.")


@dataclass(frozen=True, slots=True)
class Row:
    """An entry of a list, and the file it stands in."""

    entry: ListRule
    part: Part


def install(app: Flask, deps: Deps) -> None:
    """The page of the lists; and those beside it, which share the family's files with it."""
    family = Family(deps)
    app.jinja_env.globals.update(what_names=WHATS, language_names=LANGUAGES, lang_codes=LANGS, over=own_entry.over)
    for beside in (rules_add, rules_import, rules_known, try_text):
        beside.install(app, family)
    pages = Blueprint("rules", __name__, url_prefix="/rules")

    @pages.get("/")
    def index() -> str:
        lists, problems = family.read()
        return render_template("rules.html", lists=lists, problems=problems, given=rules_add.EMPTY, **shown_once())

    @pages.get("/list")
    def show() -> str:
        lists, _ = family.read()
        found = next((x for x in lists if x.name == request.args.get("name")), None)
        if found is None:
            abort(404)
        asked = request.args.get("q", "")[: own_entry.MOST]
        rows = [Row(e, p) for p in found.parts for e in p.entries if fold(asked) in fold(e.value)]
        made = sheet(rows, number(request.args.get("page", "")), SIZE)
        return render_template("rules_list.html", found=found, asked=asked, sheet=made, **shown_once())

    @pages.get("/file")
    def export() -> Response:
        part = _part(request.args.get("file", ""))
        try:
            answer = make_response((family.lists.folder / part.file).read_bytes())
        except OSError:  # gone since it was listed
            abort(404)
        answer.headers["Content-Type"] = "application/yaml; charset=utf-8"
        plain = "".join(c for c in part.place.file if c.isascii() and (c.isalnum() or c in "-._"))
        answer.headers["Content-Disposition"] = f'attachment; filename="{plain}"'
        return answer

    def _part(file: str) -> Part:
        """The file of a list; what is asked for is compared with what there is, never used as a path."""
        found = next((p for p in family.lists.read()[0] if p.file == file), None)
        if found is None:
            abort(404)
        return found

    @pages.post("/switch")
    def switch() -> Response:
        id_, off = request.form.get("id", ""), request.form.get("off") == "1"
        rules = family.rules()
        if off and id_ not in rules and id_ not in {x.id for x in family.read()[0]}:
            abort(404)
        with family.changes.change() as made:
            family.own.disable(id_, off)
            if not off and own_entry.over(family.own.expiring().get(id_, "")):
                family.own.expire(id_, "")
        rule = rules.get(id_)
        if not off:
            return family.done(f"{say(N_('Switched on.'))} {say(SOON)}", made.number)
        if isinstance(rule, Frame) and rule.category == Category.PERSONAL_THREAT:
            said = say(N_("Switched off. It finds threats against one person: what it alone finds will be shown to your child."))
        else:
            said = say(N_("Switched off."))
        return family.done(f"{said} {say(SOON)}", made.number)

    @pages.post("/until")
    def until() -> Response:
        id_, last = request.form.get("id", ""), request.form.get("until", "")
        if id_ not in family.rules() and id_ not in {x.id for x in family.read()[0]}:
            abort(404)
        if last and (own_entry.day(last) is None or own_entry.over(last)):
            return family.done(say(NO_DAY), 0)
        with family.changes.change() as made:
            family.own.expire(id_, last)
        return family.done(say(LAST) if last else say(ENDLESS), made.number)

    @pages.post("/remove")
    def remove() -> Response:
        part = _part(request.form.get("file", ""))
        what, value = request.form.get("what", ""), request.form.get("value", "")
        if not part.ours or what not in own_entry.KEYS:
            abort(400)
        with family.changes.change() as made:
            family.own.without_entry(part.place, own_entry.KEYS[what], value)
        left = any(x.name == part.place.name for x in family.read()[0])
        return family.done(f"{say(N_('Taken out.'))} {say(SOON)}", made.number, **({} if left else {"at": ""}))

    @pages.post("/entry-until")
    def entry_until() -> Response:
        """An entry of its own last day moves to the part of its list that ends then."""
        part = _part(request.form.get("file", ""))
        what, value, last = (request.form.get(name, "") for name in ("what", "value", "until"))
        if not part.ours or what not in own_entry.KEYS:
            abort(400)
        if last and (own_entry.day(last) is None or own_entry.over(last)):
            return family.done(say(NO_DAY), 0)
        there = replace(part.place, until=last)
        with family.changes.change() as made:
            if there != part.place and family.own.without_entry(part.place, own_entry.KEYS[what], value):
                data = family.own.with_entry(there, own_entry.KEYS[what], value)
                if data is not None:
                    family.own.write(family.own.path(there), data)
        return family.done(say(LAST) if last else say(ENDLESS), made.number)

    @pages.post("/delete")
    def delete() -> Response:
        part = _part(request.form.get("file", ""))
        path = family.lists.folder / part.file
        if not part.ours or path.name == OVERRIDES:
            abort(400)
        with family.changes.change() as made:
            family.own.drop(path)
        left = any(x.name == part.place.name for x in family.read()[0])
        return family.done(f"{say(N_('Deleted.'))} {say(SOON)}", made.number, **({} if left else {"at": ""}))

    @pages.post("/undo/<int:number>")
    def undo(number: int) -> Response:
        back = family.changes.undo(number)
        said = f"{say(N_('Taken back.'))} {say(SOON)}" if back else say(STALE)
        name = request.args.get("name", "")
        there = {} if not name or any(x.name == name for x in family.read()[0]) else {"at": ""}
        return family.done(said, 0, **there)

    app.register_blueprint(pages)

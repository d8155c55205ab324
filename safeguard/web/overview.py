"""Overview: a period of the log in pictures, each with its figures as a table and as a file, and how well each site is protected."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Blueprint, Flask, Response, abort, render_template, request, url_for

from safeguard.policy.protection import Protection, State
from safeguard.store.overview import BY, Count
from safeguard.system.spreadsheet import cell, record
from safeguard.web import labels, pictures, protected
from safeguard.web.deps import Deps, Words
from safeguard.web.period import PRESETS, Period, last_days, period_of
from safeguard.web.pictures import Part
from safeguard.web.speech import N_, day, rules_say, say

MOST_COLUMNS = 62
"""Days that are drawn one by one; more are drawn by the week."""
TITLES = {
    "day": N_("Per day"),
    "site": N_("Per site"),
    "category": N_("Per kind"),
    "group": N_("Per group attacked"),
    "author": N_("Per author"),
}
HEADS = {"day": N_("Day"), "site": N_("Site"), "category": N_("Kind"), "group": N_("Against"), "author": N_("Author")}
SERIES = {"hidden": N_("Hidden"), "again": N_("Let through again"), "noted": N_("Only noted")}


@dataclass(frozen=True, slots=True)
class Row:
    """A name with its figures and its bar. there: address of its entries, "" where they cannot be asked for alone."""

    name: str
    more: str
    count: Count
    bar: list[Part]
    there: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """by: one of BY. columns: drawn upright, side by side; else a bar stands in each row. most: the longest bar's number."""

    by: str
    title: str
    head: str
    rows: list[Row]
    most: int
    columns: bool = False


def install(app: Flask, deps: Deps) -> None:
    """The page and the files behind its pictures."""
    pages = Blueprint("overview", __name__)

    @pages.get("/overview")
    def index() -> str:
        today = dt.date.today()
        period = period_of(request.args, today)
        words = deps.words()
        seen = deps.store.counting.overview(period.first, period.last)
        rests = {by: rest for by, rest in seen.rest.items() if rest.total}
        sites = deps.sites()
        return render_template(
            "overview.html",
            period=period,
            period_said=say(N_("%(first)s to %(last)s"), first=day(period.first), last=day(period.last)),
            presets=[last_days(n, today) for n in PRESETS],
            today=today,
            seen=seen,
            series=SERIES,
            pictures=[_picture(by, seen.by[by], rests.get(by), words, period, today) for by in BY],
            corrections=[(say(protected.SCOPES[c.scope]), c.made, c.undone) for c in seen.corrections],
            sites=[protected.line(p) for p in sites],
            states=_states(sites),
        )

    @pages.get("/overview/<name>.csv")
    def figures(name: str) -> Response:
        period = period_of(request.args, dt.date.today())
        if name in BY:
            words = deps.words()
            heads = [say(HEADS[name]), *([say(HEADS["site"])] if name == "author" else []), *map(say, SERIES.values())]
            counts = deps.store.counting.counts(name, period.first, period.last)
            return _csv(name, period, heads, (_cells(name, c, words) for c in counts))
        if name == "corrections":
            found = deps.store.counting.overview(period.first, period.last).corrections
            heads = [say(N_("Allowed by you")), say(N_("Made")), say(N_("Taken back since"))]
            return _csv(name, period, heads, ([say(protected.SCOPES[c.scope]), c.made, c.undone] for c in found))
        if name != "sites":
            abort(404)
        lines = map(protected.line, deps.sites())
        return _csv(name, None, [say(N_("Site")), say(N_("State")), say(N_("Why"))], ([s.title, s.state, s.text] for s in lines))

    app.register_blueprint(pages)


def named(by: str, count: Count, words: Words) -> str:
    """A name of the log in words, the author as it is."""
    name = count.name
    if by == "site":
        return words.sites.get(name, name)
    if by == "category":
        return labels.called(labels.CATEGORIES, name)
    if by == "group":
        return rules_say(words.groups.get(name, name)) or say(N_("no group"))
    return name or say(N_("not known"))


def _picture(by: str, counts: Sequence[Count], rest: Count | None, words: Words, period: Period, today: dt.date) -> Picture:
    weekly = by == "day" and len(counts) > MOST_COLUMNS
    if weekly:
        counts = pictures.weeks(counts)
    most = max((c.total for c in counts), default=0)
    title, head = (say(N_("Per week")), say(N_("Week from"))) if weekly else (say(TITLES[by]), say(HEADS[by]))
    rows = [_row(by, c, words, most, period, today) for c in counts]
    if rest:
        rows.append(Row(say(N_("All others")), "", rest, []))  # too long beside the others' bars
    return Picture(by, title, head, rows, most, columns=by == "day")


def _row(by: str, count: Count, words: Words, most: int, period: Period, today: dt.date) -> Row:
    drawn = pictures.of_count(count, most)
    if by == "day":
        return Row(day(dt.date.fromisoformat(count.name)), "", count, drawn)
    there = ""
    if count.name and by != "group" and period.last == today:
        asked = {by: count.name} | ({"site": count.site} if count.site else {})
        there = url_for("review.index", **asked, days=str(period.days))  # type: ignore[arg-type]
    return Row(named(by, count, words), words.sites.get(count.site, count.site), count, drawn, there)


def _states(sites: Sequence[Protection]) -> list[tuple[str, str, int, Part]]:
    """(state, in words, how many sites, its part of the bar), from good to bad."""
    counted = Counter(p.state for p in sites)
    parts = {p.series: p for p in pictures.bar(((s.value, counted[s]) for s in State), max(1, len(sites)))}
    return [(s.value, say(protected.STATES[s]), counted[s], parts[s.value]) for s in State if counted[s]]


def _cells(by: str, count: Count, words: Words) -> list[object]:
    site = [words.sites.get(count.site, count.site)] if by == "author" else []
    name = count.name if by == "day" else named(by, count, words)
    return [name, *site, count.hidden, count.again, count.noted]


def _csv(name: str, period: Period | None, heads: Iterable[str], rows: Iterable[Iterable[object]]) -> Response:
    """A file for a spreadsheet, with the mark at its head that Excel wants."""
    lines = [record(heads), *(record(map(cell, row)) for row in rows)]
    of = f"-{period.first}-{period.last}" if period else ""
    there = {"Content-Disposition": f'attachment; filename="safeguard-{name}{of}.csv"'}
    return Response("".join(lines).encode("utf-8-sig"), content_type="text/csv; charset=utf-8", headers=there)

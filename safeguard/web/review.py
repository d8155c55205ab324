"""Review: what was hidden, newest first, and the parent's word on it, each by one click that can be taken back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, Flask, abort, g, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from safeguard.policy import asking, blocked
from safeguard.policy.aim import aim, scopes
from safeguard.policy.allowance import Scope
from safeguard.policy.incident import Incident
from safeguard.store import Entry
from safeguard.store.listing import Key, Wanted
from safeguard.system.own_rules import Place
from safeguard.system.saved_entries import SavedEntries
from safeguard.system.terminal import safe
from safeguard.web import labels
from safeguard.web.deps import Deps, Words
from safeguard.web.marks import pieces
from safeguard.web.speech import N_, rules_say, say
from safeguard.web.whys import Why, whys

SIZE = 30
DAYS = (1, 7, 30)
LIST, KIND = Place("own"), "accounts"
"""Where `safeguard rules add @name` writes too."""
MOST_AUTHOR = 500
MOST_TEXT = 200
MOST_SHOWN = 20_000
"""Characters of one text on the page."""
_KEY = re.compile(r"(\d{1,15})\.([\w-]{1,60})")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry as the page shows it. allowed: (number, sentence) of what was allowed from it; scopes: what else it can be allowed for."""

    entry: Entry
    title: str
    severity: str
    where: str
    done: str
    group: str
    text: list[tuple[str, bool]]
    whys: list[Why]
    allowed: list[tuple[int, str]]
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of one author on one site; without an author alone. hidden: by the family's list; can_hide: a list can hold it.

    asked: a child asks for a check of it.
    """

    site: str
    author: str
    hidden: bool
    can_hide: bool
    items: list[Item]
    asked: bool = False


def install(app: Flask, deps: Deps) -> None:
    """The page and what its buttons do."""
    pages = Blueprint("review", __name__)
    saved = SavedEntries(deps.paths.saved)

    @pages.get("/")
    def index() -> str:
        wanted = wanted_of(request.args)
        words = deps.words()
        page = deps.store.listing.page(wanted, SIZE, _key(request.args.get("after", "")))
        made: dict[str, list[tuple[int, str]]] = {}
        for m in deps.store.allowances.list():
            a = m.allowance
            site = a.value if a.scope is Scope.SITE else a.site
            made.setdefault(m.code, []).append((a.id, labels.allowed(a, words.sites.get(site, site))))
        said, g.session.said = g.session.said, ""
        hidden = set(deps.own.values(LIST, KIND))
        first = asked_about() if not _args(wanted, request.args.get("after", "")) else []
        shown = {e.incident.code for e in first}
        asked = [replace(group, asked=True) for e in first for group in _grouped((e,), words, made, hidden)]
        rest = tuple(e for e in page.entries if e.incident.code not in shown and (e.incident.kind != asking.KIND or wanted.category))
        return render_template(
            "review.html",
            groups=asked + _grouped(rest, words, made, hidden),
            wanted=wanted,
            args=_args(wanted),
            here=_args(wanted, request.args.get("after", "")),
            older=_args(wanted, f"{page.after[0]}.{page.after[1]}") if page.after else None,
            choices=deps.store.listing.choices(),
            days=DAYS,
            labels=labels,
            sites=words.sites,
            said=said,
            saved=set(saved.list()),
        )

    def asked_about() -> list[Entry]:
        """What a child asks for a check of; that the entry is gone is no reason to say nothing of it."""
        waiting = deps.store.listing.asked()
        return list({(e := deps.store.show(a.incident.excerpt) or a).incident.code: e for a in waiting}.values())

    def answered(code: str) -> None:
        """What was asked about that entry needs no answer any more."""
        for a in deps.store.listing.asked():
            if code in (a.incident.excerpt, a.incident.code):
                deps.store.review.mark(a.incident.code, "right")

    def found(code: str) -> Entry:
        entry = deps.store.show(code)
        if entry is None:
            abort(404)
        return entry

    def back(code: str, said: str) -> Response:
        g.session.said = said
        there = url_for("review.index", **_args(wanted_of(request.args), request.args.get("after", "")))  # type: ignore[arg-type]
        return redirect(f"{there}#e-{code}", 303)

    @pages.post("/entry/<code>/allow")
    def allow(code: str) -> Response:
        entry = found(code)
        scope = request.form.get("scope", "")
        if scope not in scopes(entry.incident):
            abort(400)
        value, site, account = aim(entry.incident, Scope(scope))
        deps.store.allowances.add(Scope(scope), value, site=site, account=account, code=entry.incident.code)
        deps.store.review.mark(entry.incident.code, "wrong")
        answered(entry.incident.code)
        return back(code, say(N_("Allowed. Your child sees it when the page is loaded again.")))

    @pages.post("/allowance/<int:number>/undo")
    def undo(number: int) -> Response:
        made = next((m for m in deps.store.allowances.list() if m.allowance.id == number), None)
        if made is None:
            abort(404)
        deps.store.allowances.undo(number)
        if not any(m.code == made.code for m in deps.store.allowances.list()):
            deps.store.review.mark(made.code, "")
        return back(made.code, say(N_("Taken back. It is hidden again.")))

    @pages.post("/entry/<code>/right")
    def right(code: str) -> Response:
        entry = found(code)
        for m in deps.store.allowances.list():
            if m.code == entry.incident.code:
                deps.store.allowances.undo(m.allowance.id)
        deps.store.review.mark(entry.incident.code, "right")
        answered(entry.incident.code)
        return back(code, say(N_("Noted as rightly found.")))

    @pages.post("/entry/<code>/looked")
    def looked(code: str) -> Response:
        answered(found(code).incident.code)
        return back(code, say(N_("Noted that you have looked at it.")))

    @pages.post("/entry/<code>/unsaid")
    def unsaid(code: str) -> Response:
        deps.store.review.mark(found(code).incident.code, "")
        return back(code, say(N_("Taken back.")))

    @pages.post("/entry/<code>/save")
    def save(code: str) -> Response:
        entry = found(code)
        if entry.incident.kind != "unit":
            abort(400)
        saved.add(entry.incident.code)
        return back(code, say(N_("Saved as evidence. On the page “Evidence” you make a package of what you saved.")))

    @pages.post("/entry/<code>/unsave")
    def unsave(code: str) -> Response:
        saved.remove(found(code).incident.code)
        return back(code, say(N_("Taken back.")))

    @pages.post("/entry/<code>/hide-author")
    def hide_author(code: str) -> Response:
        author = found(code).incident.author
        if not can_hide(author):
            abort(400)
        with deps.own.lock:
            data = deps.own.with_entry(LIST, KIND, author)
            if data is not None:
                deps.own.write(deps.own.path(LIST), data)
        return back(code, say(N_("What this author writes is hidden everywhere within a few seconds.")))

    @pages.post("/entry/<code>/show-author")
    def show_author(code: str) -> Response:
        with deps.own.lock:
            deps.own.without_entry(LIST, KIND, found(code).incident.author)
        return back(code, say(N_("Taken back. This author is judged like any other.")))

    app.register_blueprint(pages)


def can_hide(author: str) -> bool:
    """Whether it is a name that a list can hold: one line, nothing invisible in it."""
    return 0 < len(author) <= MOST_AUTHOR and safe(author) == author and " ".join(author.split()) == author and bool(author.strip("@"))


def wanted_of(args: MultiDict[str, str] | Mapping[str, str]) -> Wanted:
    """The filters of an address; what makes no sense is passed over."""

    def number(name: str, most: int) -> int:
        value = args.get(name, "")
        return min(int(value), most) if value.isascii() and value.isdigit() and len(value) < 6 else 0

    text = {name: args.get(name, "")[:MOST_AUTHOR] for name in ("site", "category", "action", "author")}
    return Wanted(
        **text,
        account=args.get("child", "")[:100],
        severity=number("severity", 3),
        days=number("days", 3650),
        text=args.get("q", "")[:MOST_TEXT],
    )


def _args(wanted: Wanted, after: str = "") -> dict[str, str]:
    """The same as an address again."""
    values = {
        "site": wanted.site,
        "category": wanted.category,
        "severity": wanted.severity,
        "child": wanted.account,
        "action": wanted.action,
        "author": wanted.author,
        "days": wanted.days,
        "q": wanted.text,
        "after": after if _key(after) else "",
    }
    return {name: str(value) for name, value in values.items() if value}


def _key(after: str) -> Key | None:
    m = _KEY.fullmatch(after)
    return (int(m[1]), m[2]) if m else None


def _grouped(entries: tuple[Entry, ...], words: Words, made: Mapping[str, list[tuple[int, str]]], hidden: set[str]) -> list[Group]:
    """A group stands where its newest entry stands."""
    groups: dict[tuple[str, str], Group] = {}
    for e in entries:
        i = e.incident
        key = (i.site, i.author or f"\n{i.code}")
        if key not in groups:
            groups[key] = Group(words.sites.get(i.site, i.site), i.author, i.author in hidden, can_hide(i.author), [])
        groups[key].items.append(_item(e, words, made.get(i.code, [])))
    return list(groups.values())


def _told(i: Incident) -> str:
    """The text, or what the entry says instead."""
    return blocked.said(i.excerpt, g.lang) if i.kind == "unchecked" else i.whole or i.excerpt


def _item(entry: Entry, words: Words, allowed: list[tuple[int, str]]) -> Item:
    i = entry.incident
    return Item(
        entry,
        title=labels.called(labels.CATEGORIES, i.category),
        severity=labels.severity(i.severity),
        where=labels.called(labels.ROLES, i.role),
        done=labels.called(labels.ACTIONS, i.action),
        group=rules_say(words.groups.get(i.group, i.group)) if i.group else "",
        text=pieces(_told(i)[:MOST_SHOWN], i.reasons),
        whys=whys(i.reasons, words.whys),
        allowed=allowed,
        scopes=tuple(s.value for s in scopes(i)),
    )

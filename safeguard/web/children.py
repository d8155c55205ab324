"""Children: who has which settings, what they do, when there are no social networks, and where help is. Every change can be taken back."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from babel import Locale
from flask import Blueprint, Flask, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from safeguard.errors import InputError
from safeguard.policy import hours, profile_file
from safeguard.policy.place import Place
from safeguard.policy.profile import ORDER, Action, Profile
from safeguard.policy.profiles import MOST_HELP, NAME, SITE, Profiles, changed, own_help, with_hours, with_place, without_site
from safeguard.web import labels
from safeguard.web.deps import Deps
from safeguard.web.speech import N_, say

MOST_UNDO = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """One profile as the page shows it. who: accounts that have it; everybody: it is that of all others."""

    profile: Profile
    name: str
    does: str
    who: list[str]
    everybody: bool
    places: dict[str, str]
    sites: list[tuple[str, str, dict[str, str]]]
    """(name of a site, "yes", "no" or "", place -> action)."""


def install(app: Flask, deps: Deps) -> None:
    """The page and what its forms do."""
    pages = Blueprint("children", __name__)
    one_at_a_time = threading.Lock()
    undo: dict[str, tuple[bytes, bytes]] = {}  # token of a session -> the file before and after its last change

    @pages.get("/children")
    def index() -> str:
        family = deps.family.read()
        sites = deps.words().sites
        said, g.session.said = g.session.said, ""
        territories = Locale.parse(g.lang).territories
        return render_template(
            "children.html",
            family=family,
            profiles=[_shown(family, p) for p in _used_first(family)],
            names={name: _name(name) for name in family.profiles},
            people=[p for p in deps.people() if p not in family.accounts],
            actions=[(a.value, labels.called(labels.ACTIONS, a.value)) for a in ORDER],
            severities=[say(s) for s in labels.SEVERITIES],
            places=[(p.value, say(labels.PLACES[p.value])) for p in Place],
            sites=sorted(sites.items(), key=lambda s: s[1].casefold()),
            titles=sites,
            countries=sorted(((c, territories.get(c.upper(), c)) for c in deps.countries()), key=lambda c: c[1]),
            can_undo=g.session.token in undo,
            said=said,
        )

    def change(made_of: Callable[[Profiles], Profiles]) -> Response:
        """Writes what the form says; what cannot be read is said, and nothing is written."""
        try:
            with one_at_a_time:
                before = deps.family.read()
                after = made_of(before)
                deps.family.write(after)
                undo[g.session.token] = (profile_file.render(before), profile_file.render(after))
                while len(undo) > MOST_UNDO:
                    undo.pop(next(iter(undo)))
            g.session.said = say(N_("Saved. It counts at once."))
        except InputError as e:
            g.session.said = say(N_("Nothing was saved. This cannot be read: %(text)s"), text=str(e))
        return redirect(url_for("children.index"), 303)

    @pages.post("/children/assign")
    def assign() -> Response:
        account, name = request.form.get("account", "").strip(), request.form.get("profile", "")
        own = "own" in request.form

        def made(family: Profiles) -> Profiles:
            if account and account not in family.accounts and account not in deps.people():
                raise InputError(account[:60])
            if own:
                base = family.of(account)
                new = _new_name(account, family.profiles)
                return family.with_profile(replace(base, name=new)).with_account(account, new)
            if not account:
                return family.with_default(name)
            return family.with_account(account, name or None)

        return change(made)

    @pages.post("/children/profile/<name>")
    def set_profile(name: str) -> Response:
        if name not in deps.family.read().profiles:
            abort(404)
        form = request.form

        def made(family: Profiles) -> Profiles:
            one = family.named(name)
            for n in range(4):
                one = changed(one, n, _action(form.get(f"severity{n}", "")), None)
            one = changed(one, None, None, _action(form.get("suspect", "")), "reveal" in form)
            windows = tuple(hours.window(line) for line in _lines(form.get("times", ""), hours.MOST))
            one = with_hours(one, off="off" in form, times=windows)
            return family.with_profile(_with_places(one, "", form))

        return change(made)

    @pages.post("/children/profile/<name>/site")
    def set_site(name: str) -> Response:
        form = request.form
        site = form.get("site", "")
        if name not in deps.family.read().profiles or not SITE.fullmatch(site):
            abort(404)

        def made(family: Profiles) -> Profiles:
            one = without_site(family.named(name), site)
            if form.get("off") in profile_file.YES_NO:
                one = with_hours(one, site, profile_file.YES_NO[form["off"]])
            return family.with_profile(_with_places(one, site, form))

        return change(made)

    @pages.post("/children/help")
    def set_help() -> Response:
        country = request.form.get("country", "")
        if country and not re.fullmatch("[a-z]{2}", country):
            abort(400)
        lines = _lines(request.form.get("lines", ""), MOST_HELP)
        return change(lambda family: replace(family, country=country, help=tuple(map(own_help, lines))))

    @pages.post("/children/undo")
    def take_back() -> Response:
        with one_at_a_time:
            before, after = undo.pop(g.session.token, (b"", b""))
            if not before or profile_file.render(deps.family.read()) != after:
                g.session.said = say(N_("The settings were changed since; nothing was taken back."))
            else:
                deps.family.write(profile_file.parse("before", before))
                g.session.said = say(N_("Taken back."))
        return redirect(url_for("children.index"), 303)

    app.register_blueprint(pages)


def _lines(text: str, most: int) -> list[str]:
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if len(found) > most:
        abort(400)
    return found


def _action(value: str) -> Action:
    if value not in ORDER:
        abort(400)
    return Action(value)


def _with_places(one: Profile, site: str, form: Mapping[str, str]) -> Profile:
    for place in Place:
        value = form.get(place.value, "")
        one = with_place(one, site, place, _action(value) if value else None)
    return one


def _new_name(account: str, taken: Mapping[str, Profile]) -> str:
    """A name for a child's own settings."""
    base = re.sub(r"[^a-z0-9]+", "-", account.lower()).strip("-")[:30] or "child"
    base = base if NAME.fullmatch(base) else f"child-{base}"
    return next(n for n in (base, *(f"{base}-{i}" for i in range(2, 1000))) if n not in taken)


def _name(name: str) -> str:
    return say(labels.PRESETS[name][0]) if name in labels.PRESETS else name


def _used_first(family: Profiles) -> list[Profile]:
    used = dict.fromkeys((*family.accounts.values(), family.default))
    return [family.profiles[n] for n in dict.fromkeys((*used, *family.profiles))]


def _shown(family: Profiles, one: Profile) -> Shown:
    sites = sorted({site for site, _ in one.places if site} | one.hours.sites.keys())
    return Shown(
        one,
        _name(one.name),
        say(labels.PRESETS[one.name][1]) if one.name in labels.PRESETS else "",
        sorted(a for a, n in family.accounts.items() if n == one.name),
        family.default == one.name,
        _places(one, ""),
        [(s, {True: "yes", False: "no"}.get(one.hours.sites[s], "") if s in one.hours.sites else "", _places(one, s)) for s in sites],
    )


def _places(one: Profile, site: str) -> dict[str, str]:
    return {place.value: harmful[0].value for (at, place), harmful in one.places.items() if at == site}

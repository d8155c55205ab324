"""`safeguard profile`: what each profile does at which severity, which is the default, and which account has which."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from safeguard import wiring
from safeguard.cli.common import SEVERITIES, console, done, json_option, print_json
from safeguard.cli.guarded import guarded
from safeguard.errors import InputError
from safeguard.language import N_, _
from safeguard.policy import hours
from safeguard.policy.place import CALLED, Place
from safeguard.policy.profile import ORDER, Action, Profile
from safeguard.policy.profiles import Profiles, changed, check_name, check_site, with_hours, with_place, without_site
from safeguard.system import peer, profiles_file
from safeguard.system.paths import Paths
from safeguard.system.terminal import safe

MEANING = {
    Action.SHOW: N_("shown, not logged"),
    Action.LOG: N_("shown, and logged"),
    Action.WARN: N_("shown with a short warning before it, and logged"),
    Action.BLUR: N_("a notice instead; the text stays in memory for an hour (`safeguard log show CODE --reveal`), pictures are blurred"),
    Action.BLOCK: N_("a notice instead; nothing of the text is kept in memory, pictures are blurred"),
}
REVEAL = N_("a click on a notice shows a blurred text, in the pages of sites that SafeGuard reads there too; the log says so")
actions = click.Choice([a.value for a in ORDER])


@click.group()
def profile() -> None:
    """What is done for which child.

    A running SafeGuard takes up every change at once. Severities: 0 none, 1 low, 2 high, 3 highest.

    \b
    Example:
      safeguard profile list
      safeguard profile set teen --severity 2 --action warn
    """


def _severities() -> list[str]:
    return [f"{level} {_(name)}" for level, name in enumerate(SEVERITIES)]


def _family() -> Profiles:
    return wiring.load_profiles(wiring.load_settings())


def _change(change: Callable[[Profiles], Profiles]) -> Profiles:
    made = change(_family())
    profiles_file.write(Paths.of_user(), made)
    return made


def as_dict(family: Profiles, one: Profile) -> dict[str, Any]:
    """A profile for scripts."""
    return {
        "name": one.name,
        "severity": {str(n): action.value for n, action in enumerate(one.harmful)},
        "suspect": one.suspect.value,
        "reveal": one.reveal,
        "off": one.hours.off,
        "times": [str(w) for w in one.hours.times],
        "places": {place.value: actions[0].value for (site, place), actions in one.places.items() if not site},
        "sites": {site: _of_site(one, site) for site in _named(one)},
        "default": one.name == family.default,
        "accounts": sorted(a for a, name in family.accounts.items() if name == one.name),
    }


def _named(one: Profile) -> list[str]:
    """The sites of which something is said by themselves."""
    return sorted({site for site, ignored in one.places if site} | one.hours.sites.keys())


def _of_site(one: Profile, site: str) -> dict[str, Any]:
    off = {"off": one.hours.sites[site]} if site in one.hours.sites else {}
    return off | {place.value: actions[0].value for (at, place), actions in one.places.items() if at == site}


def _told(one: Profile) -> list[tuple[str, str]]:
    """What differs by hours, places and sites, as (label, words)."""
    out = [(_("off"), _("social networks are off altogether"))] if one.hours.off else []
    out += [(_("without networks"), str(w)) for w in one.hours.times]
    for (site, place), actions in sorted(one.places.items()):
        called = _(CALLED[place])
        where = _("%(place)s on %(site)s", place=called, site=site) if site else called
        out.append((where, _("%(action)s, whatever the severity", action=done(actions[0]))))
    on, never = _("always on, also in the times without networks"), _("always off")
    return out + [(site, never if off else on) for site, off in one.hours.sites.items()]


@profile.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Every profile, what it does at each severity, and who has it.

    \b
    Example:
      safeguard profile list
    """
    family = _family()
    rows = [as_dict(family, p) for p in family.profiles.values()]
    if as_json:
        for row in rows:
            print_json(row)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in (_("child's profile"), *_severities(), _("suspect"), _("who has it")):
        table.add_column(title)
    for row in rows:
        who = [*([_("everybody else") if family.accounts else _("everybody")] if row["default"] else []), *row["accounts"]]
        table.add_row(*(Text(safe(c)) for c in (row["name"], *map(done, (*row["severity"].values(), row["suspect"])), ", ".join(who))))
    console().print(table)


@profile.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """One profile, in words.

    \b
    Example:
      safeguard profile show teen
    """
    family = _family()
    one = family.named(name)
    if as_json:
        print_json(as_dict(family, one))
        return
    out = console()
    out.print(Text(one.name, style="bold"))
    for label, action in zip(
        (*(_("severity %(level)s", level=s) for s in _severities()), _("suspect")), (*one.harmful, one.suspect), strict=True
    ):
        out.print(Text(f"  {label + ' ':19}{action.value:6}", no_wrap=True).append(_(MEANING[action]), style="dim"))
    if one.reveal:
        out.print(Text(f"  {_('reveal') + ' ':19}{_('yes'):6}", no_wrap=True).append(_(REVEAL), style="dim"))
    for label, said in _told(one):
        out.print(Text(f"  {label:25}", no_wrap=True).append(said))


@profile.command("set")
@click.argument("name")
@click.option("--severity", type=click.IntRange(0, 3), help="The severity that --action is for; every one unless given.")
@click.option("--action", type=actions, help="What is done with a harmful text of that severity.")
@click.option("--suspect", type=actions, help="What is done with a text that is only suspect.")
@click.option("--reveal/--no-reveal", default=None, help="Whether a click in the page may show a blurred text; the log says so.")
@click.option("--off/--no-off", default=None, help="Social networks are off altogether; with --site that site, always off or always on.")
@click.option(
    "--times", metavar="TIMES", help="Without social networks then, such as 'mon-fri 21:00-07:00; sat,sun 22:00-08:00'; '' for none."
)
@click.option("--site", metavar="SITE", help="The site that --off, --place or --as-everywhere is about; every one unless given.")
@click.option("--place", type=click.Choice([p.value for p in Place]), help="--action is for what is harmful there, whatever its severity.")
@click.option("--as-everywhere", is_flag=True, help="Take back what is said of --place, or of all of --site.")
@click.option("--like", metavar="OTHER", help="Make NAME as a new profile, beginning as a copy of OTHER.")
@guarded()
def set_(name: str, like: str | None, **given: Any) -> None:
    """Change what a profile does, or make a new one.

    \b
    Example:
      safeguard profile set young-child --severity 2 --action blur
      safeguard profile set teen --suspect warn
      safeguard profile set teen --reveal
      safeguard profile set teen --times "mon-fri 21:00-07:00"
      safeguard profile set teen --place messages --action block
      safeguard profile set teen --site youtube --no-off
      safeguard profile set big-sister --like teen --severity 3 --action blur
    """
    _check_given(given, like)

    def change(family: Profiles) -> Profiles:
        if like is not None:
            if name in family.profiles:
                raise InputError(_("profile %(name)s is there already; change it without --like", name=repr(safe(name))))
            base = replace(family.named(like), name=check_name(name))
        else:
            base = family.named(name)
        return family.with_profile(_changed(base, **given))

    made = _change(change).named(name)
    said = ", ".join(f"{n} {done(a)}" for n, a in enumerate(made.harmful))
    revealed = f", {_('a click reveals what is blurred')}" if made.reveal else ""
    click.echo(f"{name}: {said}, {_('suspect')} {done(made.suspect)}{revealed}.")
    for label, told in _told(made):
        click.echo(f"  {label}: {told}.")


def _check_given(given: dict[str, Any], like: str | None) -> None:
    """Raises UsageError for options that do not go together."""
    changes = ("action", "suspect", "reveal", "off", "times")
    if given["severity"] is not None and given["action"] is None:
        raise click.UsageError(_("--severity needs --action"))
    if given["place"] and given["severity"] is not None:
        raise click.UsageError(_("--place is for every severity; leave --severity out"))
    if given["place"] and given["action"] is None and not given["as_everywhere"]:
        raise click.UsageError(_("--place needs --action or --as-everywhere"))
    if given["as_everywhere"] and (given["action"] or given["off"] is not None or not (given["place"] or given["site"])):
        raise click.UsageError(_("--as-everywhere needs --place or --site, and neither --action nor --off"))
    if given["site"] and given["off"] is None and not given["place"] and not given["as_everywhere"]:
        raise click.UsageError(_("--site needs --off, --no-off, --place or --as-everywhere"))
    if given["site"] and given["action"] and not given["place"]:
        raise click.UsageError(_("--site needs --place beside --action"))
    if like is None and not given["as_everywhere"] and all(given[n] is None for n in changes):
        raise click.UsageError(_("nothing to change: give --action, --suspect, --reveal, --off, --times, --as-everywhere or --like"))


def _changed(
    base: Profile,
    *,
    severity: int | None,
    action: str | None,
    suspect: str | None,
    reveal: bool | None,
    off: bool | None,
    times: str | None,
    site: str | None,
    place: str | None,
    as_everywhere: bool,
) -> Profile:
    """The profile with all that changed. Raises InputError."""
    if site and check_site(site) not in (known := {p.name for p in wiring.load_sites(wiring.load_settings()).profiles}):
        raise InputError(_("no site %(site)s; there are: %(known)s", site=repr(safe(site)), known=", ".join(sorted(known))))
    windows = None if times is None else tuple(map(hours.window, filter(str.strip, times.split(";"))))
    if windows is not None and len(windows) > hours.MOST:
        raise InputError(_("at most %(count)s times", count=hours.MOST))
    made = changed(base, severity, Action(action) if action and not place else None, Action(suspect) if suspect else None, reveal)
    made = with_hours(made, site or "", off, windows)
    if place:
        return with_place(made, site or "", Place(place), Action(action) if action else None)
    return without_site(made, site) if as_everywhere and site else made


@profile.command()
@click.argument("name")
@guarded()
def default(name: str) -> None:
    """Choose the profile of every account that has none of its own.

    \b
    Example:
      safeguard profile default teen
    """
    _change(lambda family: family.with_default(name))
    click.echo(_("%(name)s is the default profile.", name=name))


@profile.command()
@click.argument("account")
@click.argument("name", required=False)
@click.option("--none", "nothing", is_flag=True, help="The account has the default profile again.")
@guarded()
def assign(account: str, name: str | None, nothing: bool) -> None:
    """Give an account of this computer its profile. On Linux SafeGuard sees whose browser it is; elsewhere see `listen.accounts`.

    \b
    Example:
      safeguard profile assign anna teen
      safeguard profile assign anna --none
    """
    if (name is None) != nothing:
        raise click.UsageError(_("give a NAME or --none, one of the two"))
    by_port = {a for a, port in wiring.load_settings().accounts}
    if name is not None and account not in by_port and not (os.name == "posix" and peer.known(account)):
        raise InputError(
            _("no account %(account)s on this computer, nor in listen.accounts of the settings", account=repr(safe(account[:60])))
        )
    _change(lambda family: family.with_account(account, name))
    if name is None:
        click.echo(_("%(account)s has the default profile.", account=safe(account)))
    else:
        click.echo(_("%(account)s has %(profile)s.", account=safe(account), profile=name))

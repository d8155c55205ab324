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
from safeguard.cli.common import SEVERITIES, console, json_option, print_json
from safeguard.cli.guarded import guarded
from safeguard.errors import InputError
from safeguard.language import N_, _
from safeguard.policy.profile import ORDER, Action, Profile
from safeguard.policy.profiles import Profiles, changed, check_name
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
        "default": one.name == family.default,
        "accounts": sorted(a for a, name in family.accounts.items() if name == one.name),
    }


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
        table.add_row(*(Text(safe(c)) for c in (row["name"], *row["severity"].values(), row["suspect"], ", ".join(who))))
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


@profile.command("set")
@click.argument("name")
@click.option("--severity", type=click.IntRange(0, 3), help="The severity that --action is for; every one unless given.")
@click.option("--action", type=actions, help="What is done with a harmful text of that severity.")
@click.option("--suspect", type=actions, help="What is done with a text that is only suspect.")
@click.option("--reveal/--no-reveal", default=None, help="Whether a click in the page may show a blurred text; the log says so.")
@click.option("--like", metavar="OTHER", help="Make NAME as a new profile, beginning as a copy of OTHER.")
@guarded()
def set_(name: str, severity: int | None, action: str | None, suspect: str | None, reveal: bool | None, like: str | None) -> None:
    """Change what a profile does, or make a new one.

    \b
    Example:
      safeguard profile set young-child --severity 2 --action blur
      safeguard profile set teen --suspect warn
      safeguard profile set teen --reveal
      safeguard profile set big-sister --like teen --severity 3 --action blur
    """
    if severity is not None and action is None:
        raise click.UsageError(_("--severity needs --action"))
    if action is None and suspect is None and reveal is None and like is None:
        raise click.UsageError(_("nothing to change: give --action, --suspect, --reveal or --like"))

    def change(family: Profiles) -> Profiles:
        if like is not None:
            if name in family.profiles:
                raise InputError(_("profile %(name)s is there already; change it without --like", name=repr(safe(name))))
            base = replace(family.named(like), name=check_name(name))
        else:
            base = family.named(name)
        made = changed(base, severity, Action(action) if action else None, Action(suspect) if suspect else None, reveal)
        return family.with_profile(made)

    made = _change(change).named(name)
    said = ", ".join(f"{n} {a}" for n, a in enumerate(made.harmful))
    revealed = f", {_('a click reveals what is blurred')}" if made.reveal else ""
    click.echo(f"{name}: {said}, {_('suspect')} {made.suspect}{revealed}.")


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

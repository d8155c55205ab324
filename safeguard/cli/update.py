"""`safeguard update`: newer rules and site profiles from a pack that the publisher signed; and back again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from safeguard import RELEASED, __version__, wiring
from safeguard.cli import rule_examples
from safeguard.cli.common import console, json_option, outside, print_json
from safeguard.cli.guarded import guarded
from safeguard.cli.rule_shown import demand
from safeguard.config import Settings
from safeguard.errors import InputError, PackError, Problem, RuleError
from safeguard.language import N_, _
from safeguard.ruleset.difference import Difference, difference, rules_by_id
from safeguard.ruleset.model import CompiledRules
from safeguard.system import pack, packs, publisher, rule_files, service_account
from safeguard.system.packs import Base, Packs
from safeguard.system.paths import Paths
from safeguard.system.terminal import safe

SOON = N_("A running filter takes it up within a few seconds.")
MOST_SHOWN = 20  # ids of one kind, and lines of what is wrong with a pack


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--rollback", is_flag=True, help="Take back the newest pack; the one before it is in force again, or the shipped rules.")
@click.option("--list", "listed", is_flag=True, help="Name the packs that are installed, and which rules are in force.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@guarded(when=lambda given: given["rollback"])  # what comes forward the publisher signed; what goes back may hide less
def update(file: Path | None, rollback: bool, listed: bool, yes: bool, as_json: bool) -> None:
    """Install newer rules and site profiles from a signed file, or go back.

    FILE is a pack of rules from where SafeGuard comes from. Its signature is verified, its rules are tested, and you see what it adds,
    changes and removes before you say yes. The rules that came with SafeGuard and your own stay as they are; your own go on top of it.
    Exit code 1 where the pack fails its test or you say no.

    \b
    Example:
      safeguard update safeguard-rules.pack
      safeguard update --rollback
    """
    if (file is not None) + rollback + listed != 1:
        raise InputError(_("say one of: a pack FILE, --rollback, --list"))
    try:
        data = packs.load(file) if file is not None else b""  # root may read the parent's downloads, the service's account need not
    except PackError as e:
        raise PackError(f"{file}: {e}") from e
    service_account.become()
    kept = Packs(Paths.of_user().packs)
    if listed:
        _list(kept, as_json)
    elif rollback:
        _rollback(kept, yes, as_json)
    elif file is not None:
        _install(kept, file, data, yes, as_json)


def _install(kept: Packs, file: Path, data: bytes, yes: bool, as_json: bool) -> None:
    try:
        new = pack.read(data, publisher.known())
        if why := packs.unfit(new) or _not_newer(kept, new.version):
            raise PackError(_("not installed: %(why)s", why=why))
    except PackError as e:
        raise PackError(f"{file}: {e}") from e
    settings = wiring.load_settings()
    base = Base(new)
    click.echo(_("The signature is the publisher's. The rules are tested now, which may take a minute."), err=True)
    try:
        alone = wiring.pack_alone(settings, new)
        wrong = _failed_examples(alone)
        wiring.load_sites(settings, base=base)
        together = wiring.compiled_rules(settings, base=base)  # a rule of the family's own may lean on one that is gone
    except RuleError as e:
        wrong = [str(p) for p in e.problems]
    if wrong:
        click.echo(safe("\n".join(wrong[:MOST_SHOWN]), lines=True), err=True)
        click.echo(
            _(
                "The pack of rules %(version)s fails its test (%(count)s problems); nothing was changed.",
                version=new.version,
                count=len(wrong),
            ),
            err=True,
        )
        raise SystemExit(1)
    found = _differences(settings, base, together)
    if not as_json:
        _show(_("The pack of rules %(version)s is signed by the publisher and passes its test. It changes:", version=new.version), found)
    if not yes and not click.confirm(_("Install it?"), err=as_json):
        raise SystemExit(1)
    kept.install(data, new.version)
    if as_json:
        print_json({"installed": new.version, "changes": _as_dict(found)})
    else:
        click.echo(
            _(
                "The pack of rules %(version)s is installed. %(soon)s\n`safeguard update --rollback` takes it back.",
                version=new.version,
                soon=_(SOON),
            )
        )


def _not_newer(kept: Packs, version: str) -> str:
    """Why a pack of that version would be a step back, "" where it is newer, or the same as one that was damaged."""
    newest = next(iter(kept.versions()), "")
    if not newest or pack.order(version) > pack.order(newest):
        return ""
    if version != newest:
        return _("the pack %(version)s is installed and newer; `safeguard update --rollback` takes that one back first", version=newest)
    try:
        kept.read(newest)
    except PackError:
        return ""
    return _("it is installed already")


def _failed_examples(rules: CompiledRules) -> list[str]:
    """Each example of the pack that its rules do not meet."""
    failed = [o.example for o in rule_examples.run(wiring.engine_of(rules), rules) if o.failed]
    return [str(Problem(e.file, e.line, f"{e.rule} {e.lang}: must be a {demand(e)}: {e.text}")) for e in failed]


def _rollback(kept: Packs, yes: bool, as_json: bool) -> None:
    versions = kept.versions()
    if not versions:
        raise PackError(_("no pack of rules is installed; the rules that came with SafeGuard are in force"))
    back_to = _("the pack of rules %(version)s", version=versions[1]) if versions[1:] else _("the rules that came with SafeGuard")
    if not yes:
        click.confirm(
            _("Remove the pack of rules %(version)s and go back to %(back_to)s?", version=versions[0], back_to=back_to),
            abort=True,
            err=as_json,
        )
    gone = kept.rollback()
    if as_json:
        print_json({"removed": gone, "in_force": _in_force(kept.base())})
    else:
        click.echo(_("The pack of rules %(version)s is removed. %(soon)s", version=gone, soon=_(SOON)))
        _say_force(kept.base())


def _list(kept: Packs, as_json: bool) -> None:
    base = kept.base()
    if as_json:
        print_json({"in_force": _in_force(base), "said": base.said, "packs": kept.versions(), "shipped": RELEASED})
        return
    for version in kept.versions():
        click.echo(_("pack %(version)s", version=version) + (f"  {_('in force')}" if base.pack and base.pack.version == version else ""))
    click.echo(
        _("shipped with SafeGuard %(version)s, %(released)s", version=__version__, released=RELEASED)
        + ("" if base.pack else f"  {_('in force')}")
    )
    if base.said:
        click.echo(base.said, err=True)


def _in_force(base: Base) -> str:
    return base.pack.version if base.pack else "shipped"


def _say_force(base: Base) -> None:
    click.echo(
        _("In force: the pack of rules %(version)s.", version=base.pack.version)
        if base.pack
        else _("In force: the rules that came with SafeGuard.")
    )
    if base.said:
        click.echo(base.said, err=True)


def _differences(settings: Settings, base: Base, new: CompiledRules) -> dict[str, Difference]:
    """Kind of thing -> what the pack does to it, seen from the rules in force now; the family's own are in both."""
    old = wiring.compiled_rules(settings)
    before, after = wiring.load_sites(settings), wiring.load_sites(settings, base=base)
    return {
        N_("rules"): difference(rules_by_id(old), rules_by_id(new)),
        N_("groups"): difference(old.groups, new.groups),
        N_("sites"): difference({p.name: p for p in before.profiles}, {p.name: p for p in after.profiles}),
        N_("watched domains"): difference(dict.fromkeys(before.domains), dict.fromkeys(after.domains)),
        N_("files of words"): difference(_words(settings, None), _words(settings, base)),
    }


def _words(settings: Settings, base: Base | None) -> dict[str, object]:
    """The files whose content has no ids: lexicons, weights and the like."""
    named = tuple(rule_files.SHIPPED + folder for folder in ("frames/", "contexts/", "groups/", "examples/"))
    return {name: data for name, data in wiring.load_rule_files(settings, base=base).rules if not name.startswith(named)}


def _show(head: str, found: dict[str, Difference]) -> None:
    out = console()
    out.print(outside(head))
    for kind, of in found.items():
        for what, ids in ((_("added"), of.added), (_("changed"), of.changed), (_("removed"), of.removed)):
            if ids:
                more = " " + _("… and %(count)s more (--json names all)", count=len(ids) - MOST_SHOWN) if len(ids) > MOST_SHOWN else ""
                out.print(outside(f"  {_(kind)} {what} ({len(ids)}): {', '.join(ids[:MOST_SHOWN])}{more}"))
    if not any(found.values()):
        out.print(outside(f"  {_('nothing but examples, comments and translations')}"))
    if found["watched domains"].added:
        out.print(outside("  " + _("For new domains SafeGuard needs a certificate that is for them; it tells you what to do.")))


def _as_dict(found: dict[str, Difference]) -> dict[str, Any]:
    return {
        kind.replace(" ", "_"): {"added": list(of.added), "changed": list(of.changed), "removed": list(of.removed)}
        for kind, of in found.items()
    }

"""`safeguard doctor`: what is wrong on this computer, and how to mend it."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import click

from safeguard.cli.common import config_option, console, json_option, outside, print_json, settings_of
from safeguard.config import Settings
from safeguard.errors import ConfigError, InputError
from safeguard.language import _, n_
from safeguard.setup.doctor.checks import findings
from safeguard.setup.doctor.facts import Finding
from safeguard.system import service_account


@click.command()
@click.option("--offline", is_flag=True, help="Ask nothing of the network; else a watched site is asked whose certificate it shows.")
@config_option
@json_option
def doctor(offline: bool, file: Path | None, as_json: bool) -> None:
    """Name what is wrong on this computer, and how to mend it.

    Looked at are other filters and antivirus, VPN, proxies, the clock, browsers, accounts, certificates, and SafeGuard itself. With sudo
    it sees the children's accounts too. Nothing is changed. Exit code 1 where something is wrong.

    \b
    Example:
      safeguard doctor
      sudo safeguard doctor
    """
    if os.name != "posix":
        raise InputError(_("doctor cannot look at this system yet; it knows Linux"))
    from safeguard.setup.doctor.gather import gather  # needs what only such systems have

    try:
        settings, error = settings_of(file, None), ""
    except ConfigError as e:
        settings, error = Settings(), str(e)
    found = findings(gather(settings, error, offline=offline, become=service_account.become))
    wrong = sum(f.wrong for f in found)
    if as_json:
        print_json({"ok": not wrong, "findings": [asdict(f) for f in found]})
    else:
        _print(found, wrong)
    if wrong:
        raise SystemExit(1)


def _print(found: list[Finding], wrong: int) -> None:
    out = console()
    for number, finding in enumerate(found, 1):
        out.print(outside(f"{number}. {finding.what}", "bold" if finding.wrong else ""))
        out.print(outside(f"   {_('where')}: {finding.where}"))
        out.print(outside(f"   {_('mend') if finding.wrong else _('if you like')}: {finding.mend}"))
        out.print()
    notes = len(found) - wrong
    said = n_("%(n)s thing to mend", "%(n)s things to mend", wrong) if wrong else _("Nothing is wrong")
    more = f", {_('%(count)s more to know', count=notes)}" if notes else ""
    out.print(outside(f"{said}{more}."))

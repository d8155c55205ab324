"""`safeguard status`: is the child protected now, and where not."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from safeguard import wiring
from safeguard.cli import status_computer
from safeguard.cli.common import config_option, console, json_option, outside, print_json, settings_of
from safeguard.cli.status_facts import gather
from safeguard.policy import drift
from safeguard.system.terminal import safe

STATES = {
    "protected": ("protected", "green"),
    "partly": ("partly protected", "yellow"),
    "reduced": ("protection reduced", "bold red"),
    "waiting": ("waits for you", "bold red"),
}


@click.command()
@config_option
@json_option
def status(file: Path | None, as_json: bool) -> None:
    """Say whether the filter runs, and what it protects: profile, rules, log, every site, and what could not be checked lately.

    Exit code 1 where no filter of this account runs, or where rules or log are broken.

    \b
    Example:
      safeguard status
    """
    settings = settings_of(file, None)
    found = gather(settings)
    if as_json:
        print_json(found)
    else:
        _print(found, wiring.notice_language(settings))
    if not found["ok"]:
        raise SystemExit(1)


def _print(found: dict[str, Any], lang: str) -> None:
    facts = Table(box=None, pad_edge=False, show_header=False)
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, said in (
        ("filter", _running(found["running"])),
        *status_computer.rows(found["computer"]),
        ("profile", _profile(found["profile"], found["accounts"])),
        ("rules", _rules(found["rules"])),
        ("log", _log(found["log"])),
        ("certificate", _certificate(found["certificate"])),
        ("alerts", _alerts(found["log"])),
        ("not checked", _unchecked(found["log"]["unchecked"])),
    ):
        facts.add_row(name, outside(said))
    out = console()
    out.print(facts)
    sites = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("site", "state", "why"):
        sites.add_column(title, no_wrap=title != "why", overflow="fold")
    for site in found["sites"]:
        state, style = STATES[site["state"]]
        pages = [
            f"since {_local(p['since'])} not all of it was guarded, last {_local(p['last'])}: {p['why']}" for p in site["without_guard"]
        ]
        why = [*([drift.reduced(site["title"], _local(site["since"]), lang)] if site["since"] else []), *pages, *site["why"]]
        sites.add_row(Text(safe(site["title"])), Text(state, style=style), outside("; ".join(why)))
    if found["sites"]:
        out.print()
        out.print(sites)


def _running(running: list[dict[str, Any]]) -> str:
    if not running:
        return "does not run; start it with `safeguard run`"
    return "\n".join(f"runs since {_local(r['since'])} (process {r['pid']})" for r in running)


def _profile(default: str, accounts: dict[str, str]) -> str:
    own = [f"{account} has {name}" for account, name in accounts.items()]
    return ", ".join([f"{default} for everybody" + (" else" if own else ""), *own])


def _rules(rules: dict[str, Any]) -> str:
    if rules["error"]:
        return f"BROKEN: {rules['error']}"
    said = (
        f"version {rules['version']} (SafeGuard {rules['safeguard']}): {rules['files']} files, {rules['rules']} rules, "
        f"{rules['contexts']} contexts, {rules['groups']} groups, {rules['own']} entries of your own"
    )
    if rules["pack"]:
        said += f"; of the pack {rules['pack']}"
    if rules["pack_unused"]:
        said += f"; NOT AS INSTALLED: {rules['pack_unused']}"
    return said + (f"; switched off by you: {', '.join(rules['switched_off'])}" if rules["switched_off"] else "")


def _log(log: dict[str, Any]) -> str:
    said = f"BROKEN: {log['error']}" if log["error"] else f"{log['entries']} entries in {log['place']}"
    return said + "".join(f"\na damaged log was set aside: {name}" for name in log["damaged"])


def _alerts(log: dict[str, Any]) -> str:
    said = [f"{log['alerts_waiting']} waiting"]
    for to in log["alerts_to"]:
        state = f"DOES NOT WORK since {_local(to['failing_since'])}: {to['why']}" if to["failing_since"] else "in order"
        said.append(f"to {to['service']} ({to['id']}): {state}, {to['waiting']} waiting")
    return "\n".join(said)


def _certificate(found: dict[str, Any]) -> str:
    if found["error"]:
        return f"BROKEN: {found['error']}"
    if not found["made"]:
        return "is made at the first start"
    said = [f"valid until {found['ends']}, for {len(found['domains'])} domains and no other", *found["waits"]]
    if found["replaced"]:
        said.append("a replaced one may still be trusted by browsers; `safeguard ca show` names it")
    return "\n".join(said)


def _unchecked(unchecked: dict[str, Any]) -> str:
    if not unchecked["answers"]:
        return f"nothing in the last {unchecked['days']} days"
    newest = [f"{e['code']} {_local(e['last_seen'])} {e['site']}, {e['seen']} times: {e['why']}" for e in unchecked["newest"]]
    return "\n".join((f"{unchecked['answers']} kinds of answers in the last {unchecked['days']} days, not shown; the newest:", *newest))


def _local(moment: str) -> str:
    """A time for scripts as a parent reads it."""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")

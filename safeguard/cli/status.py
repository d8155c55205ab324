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
from safeguard.language import N_, _, n_
from safeguard.policy import drift
from safeguard.system.terminal import safe

STATES = {
    "protected": (N_("protected"), "green"),
    "partly": (N_("partly protected"), "yellow"),
    "reduced": (N_("protection reduced"), "bold red"),
    "waiting": (N_("waits for you"), "bold red"),
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
        _print(found, wiring.parents_language(settings))
    if not found["ok"]:
        raise SystemExit(1)


def _print(found: dict[str, Any], lang: str) -> None:
    facts = Table(box=None, pad_edge=False, show_header=False)
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, said in (
        (_("filter"), _running(found["running"])),
        *status_computer.rows(found["computer"]),
        (_("profiles"), _profile(found["profile"], found["accounts"])),
        (_("rules"), _rules(found["rules"])),
        (_("log"), _log(found["log"])),
        (_("certificate"), _certificate(found["certificate"])),
        (_("alerts"), _alerts(found["log"])),
        (_("not checked"), _unchecked(found["log"]["unchecked"])),
    ):
        facts.add_row(name, outside(said))
    out = console()
    out.print(facts)
    sites = Table(box=None, pad_edge=False, header_style="bold")
    for title in (_("site"), _("state"), _("why")):
        sites.add_column(title, no_wrap=title != _("why"), overflow="fold")
    for site in found["sites"]:
        state, style = STATES[site["state"]]
        pages = [
            _(
                "since %(since)s not all of it was guarded, last %(last)s: %(why)s",
                since=_local(p["since"]),
                last=_local(p["last"]),
                why=_(p["why"]),
            )
            for p in site["without_guard"]
        ]
        why = [*([drift.reduced(site["title"], _local(site["since"]), lang)] if site["since"] else []), *pages, *site["why"]]
        sites.add_row(Text(safe(site["title"])), Text(_(state), style=style), outside("; ".join(why)))
    if found["sites"]:
        out.print()
        out.print(sites)


def _running(running: list[dict[str, Any]]) -> str:
    if not running:
        return _("does not run; start it with `safeguard run`")
    return "\n".join(_("runs since %(since)s (process %(pid)s)", since=_local(r["since"]), pid=r["pid"]) for r in running)


def _profile(default: str, accounts: dict[str, str]) -> str:
    own = [f"{account}: {name}" for account, name in accounts.items()]
    rest = _("%(profile)s for everybody else", profile=default) if own else _("%(profile)s for everybody", profile=default)
    return ", ".join([rest, *own])


def _rules(rules: dict[str, Any]) -> str:
    if rules["error"]:
        return _("BROKEN: %(error)s", error=rules["error"])
    said = _(
        "version %(version)s (SafeGuard %(safeguard)s): %(files)s files, %(rules)s rules, %(contexts)s contexts, "
        "%(groups)s groups, %(own)s entries of your own",
        version=rules["version"],
        safeguard=rules["safeguard"],
        files=rules["files"],
        rules=rules["rules"],
        contexts=rules["contexts"],
        groups=rules["groups"],
        own=rules["own"],
    )
    if rules["pack"]:
        said += "; " + _("of the pack %(pack)s", pack=rules["pack"])
    if rules["pack_unused"]:
        said += "; " + _("NOT AS INSTALLED: %(why)s", why=rules["pack_unused"])
    return said + ("; " + _("switched off by you: %(rules)s", rules=", ".join(rules["switched_off"])) if rules["switched_off"] else "")


def _log(log: dict[str, Any]) -> str:
    said = (
        _("BROKEN: %(error)s", error=log["error"])
        if log["error"]
        else n_("%(n)s entry in %(place)s", "%(n)s entries in %(place)s", log["entries"], place=log["place"])
    )
    return said + "".join("\n" + _("a damaged log was set aside: %(name)s", name=name) for name in log["damaged"])


def _alerts(log: dict[str, Any]) -> str:
    said = [_("%(count)s waiting", count=log["alerts_waiting"])]
    for to in log["alerts_to"]:
        state = (
            _("DOES NOT WORK since %(since)s: %(why)s", since=_local(to["failing_since"]), why=to["why"])
            if to["failing_since"]
            else _("in order")
        )
        said.append(
            _(
                "to %(service)s (%(id)s): %(state)s, %(waiting)s waiting",
                service=to["service"],
                id=to["id"],
                state=state,
                waiting=to["waiting"],
            )
        )
    return "\n".join(said)


def _certificate(found: dict[str, Any]) -> str:
    if found["error"]:
        return _("BROKEN: %(error)s", error=found["error"])
    if not found["made"]:
        return _("is made at the first start")
    said = [
        _("valid until %(ends)s, for %(count)s domains and no other", ends=found["ends"], count=len(found["domains"])),
        *found["waits"],
    ]
    if found["replaced"]:
        said.append(_("a replaced one may still be trusted by browsers; `safeguard ca show` names it"))
    return "\n".join(said)


def _unchecked(unchecked: dict[str, Any]) -> str:
    if not unchecked["answers"]:
        return _("nothing in the last %(days)s days", days=unchecked["days"])
    newest = [
        _(
            "%(code)s %(last_seen)s %(site)s, %(seen)s times: %(why)s",
            code=e["code"],
            last_seen=_local(e["last_seen"]),
            site=e["site"],
            seen=e["seen"],
            why=e["why"],
        )
        for e in unchecked["newest"]
    ]
    return "\n".join(
        (
            _(
                "%(count)s kinds of answers in the last %(days)s days, not shown; the newest:",
                count=unchecked["answers"],
                days=unchecked["days"],
            ),
            *newest,
        )
    )


def _local(moment: str) -> str:
    """A time for scripts as a parent reads it."""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")

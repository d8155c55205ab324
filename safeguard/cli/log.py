"""`safeguard log`: the parent's look at what was hidden and why."""

from __future__ import annotations

import click
from rich.table import Table
from rich.text import Text

from safeguard.cli import log_export, log_review
from safeguard.cli.common import console, done, json_option, outside, print_json, words
from safeguard.cli.guarded import guarded
from safeguard.cli.log_entry import as_dict, found, opened, told_by_rules
from safeguard.cli.reveal import print_original
from safeguard.language import N_, _, spoken
from safeguard.policy import blocked
from safeguard.store import Entry
from safeguard.system.terminal import safe
from safeguard.system.wall_clock import local


@click.group()
def log() -> None:
    """What was hidden, and why; allow, export, count, delete.

    \b
    Example:
      safeguard log list
      safeguard log show K7Q2-M3XX
      safeguard log allow K7Q2-M3XX
    """


for _command in (
    log_review.allow,
    log_review.allowed,
    log_review.undo,
    log_review.confirm,
    log_export.export,
    log_review.stats,
    log_review.purge,
):
    log.add_command(_command)


@log.command("list")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many entries, newest first.")
@click.option("--computer", default="", metavar="NAME", help="Entries of this PC alone, where several share a log.")
@json_option
def list_(limit: int, computer: str, as_json: bool) -> None:
    """The newest entries, one a line, with the code that the child sees.

    \b
    Example:
      safeguard log list --limit 10
    """
    with opened() as store:
        entries = store.entries(limit, computer)
    if as_json:
        for entry in entries:
            print_json(as_dict(entry))
        return
    if not entries:
        click.echo(_("No entry of a computer %(computer)s.", computer=repr(safe(computer))) if computer else _("The log is empty."))
        return
    shared = len({e.computer for e in entries}) > 1
    table = Table(box=None, pad_edge=False, header_style="bold")
    titles = (N_("code"), N_("last seen"), N_("times"), N_("site"), N_("category"), N_("severity"), N_("what was done"), N_("author"))
    for title in (*titles, *((N_("computer"),) if shared else ())):
        table.add_column(_(title), justify="right" if title in ("times", "severity") else "left", no_wrap=title == "code")
    for e in entries:
        i = e.incident
        cells = [i.code, local(e.last_seen), str(e.seen), i.site, words(i.category), str(i.severity), done(i.action), i.author]
        cells += [e.computer] if shared else []
        table.add_row(*(Text(safe(cell)) for cell in cells))
    console().print(table)


@log.command()
@click.argument("code")
@click.option("--reveal", is_flag=True, help="Print the hidden text itself, which a running filter keeps in memory for an hour.")
@json_option
@guarded()
def show(code: str, reveal: bool, as_json: bool) -> None:
    """All about one entry: rule, words, reason, and an excerpt of the hidden text.

    \b
    Example:
      safeguard log show K7Q2-M3XX
      safeguard log show K7Q2-M3XX --reveal
    """
    with opened() as store:
        entry = found(store, code)
    if reveal:
        print_original(entry.incident.code, as_json)
    elif as_json:
        print_json(as_dict(entry))
    else:
        _print(entry)


def _print(entry: Entry) -> None:
    i = entry.incident
    told = told_by_rules()
    facts = [
        (_("code"), i.code),
        (_("seen"), _seen(entry)),
        (_("site"), i.site),
        (_("address"), i.url),
        (_("author"), i.author),
        (_("what it is"), words(i.role)),
        (_("what was done"), done(i.action)),
        (_("child"), i.account),
        (_("computer"), entry.computer),
        (_("your word"), {"right": _("rightly found"), "wrong": _("found by mistake")}.get(entry.review, "")),
        (
            _("category"),
            _(
                "%(category)s, severity %(severity)s, score %(score)s",
                category=words(i.category),
                severity=i.severity,
                score=f"{i.score:g}",
            ),
        ),
        (_("group"), told.group(i.group) if i.group else ""),
        (_("excerpt"), blocked.said(i.excerpt, spoken()) if i.kind == "unchecked" else i.excerpt),
        (_("whole text"), i.whole if i.whole and i.whole != i.excerpt else ""),
    ]
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        if value:
            table.add_row(name, outside(value))
    for r in i.reasons:
        said = Text(f"{safe(r.rule)} ({words(r.category.value)}): ").append(outside(" … ".join(r.words)))
        if r.suppressed_by:
            said.append("; " + _("switched off by %(rule)s", rule=safe(r.suppressed_by)))
        elif r.rule in told.whys:
            said.append(f"\n{safe(told.say(told.whys[r.rule]))}")
        table.add_row(_("not counted") if r.suppressed_by else _("found by"), said)
    console().print(table)


def _seen(entry: Entry) -> str:
    if entry.seen == 1:
        return local(entry.last_seen)
    return _("%(last)s, %(count)s times since %(first)s", last=local(entry.last_seen), count=entry.seen, first=local(entry.first_seen))

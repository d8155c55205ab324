"""`safeguard log allow | allowed | undo | confirm | stats | purge`: what a parent decides about the log."""

from __future__ import annotations

import click
from rich.table import Table
from rich.text import Text

from safeguard.cli.common import console, json_option, print_json, words
from safeguard.cli.guarded import guarded
from safeguard.cli.log_entry import found, iso, opened, told_by_rules
from safeguard.errors import InputError
from safeguard.evidence import Told
from safeguard.language import N_, _, n_
from safeguard.policy.aim import aim
from safeguard.policy.allowance import Allowance, Scope
from safeguard.store.review import COUNTED
from safeguard.system.terminal import safe
from safeguard.system.wall_clock import local

BY = {"day": N_("day"), "site": N_("site"), "category": N_("category"), "group": N_("group"), "author": N_("author")}
"""What is counted -> what that is called."""
SAID = {
    Scope.TEXT: N_("this text, on every site"),
    Scope.AUTHOR: N_("what %(value)s writes on %(site)s"),
    Scope.SITE: N_("everything on %(value)s"),
    Scope.RULE: N_("what the rule %(value)s finds"),
}

SERVER_KEEPS = N_(
    "PostgreSQL still has the bytes: in the table's files until `VACUUM FULL incident` (plain VACUUM only frees their place), in its"
    " write-ahead log (pg_wal) until that is recycled, and in replicas, archived WAL and backups. Ask whoever runs the server."
)


@click.command()
@click.argument("code")
@click.option("--text", "scope", flag_value="text", help="This text alone, wherever it stands (the default).")
@click.option("--author", "scope", flag_value="author", help="What this author writes on this site.")
@click.option("--site", "scope", flag_value="site", help="Everything on this site.")
@click.option("--rule", "scope", flag_value="rule", help="What this rule finds, for this child.")
@json_option
@guarded()
def allow(code: str, scope: str | None, as_json: bool) -> None:
    """Let through what was hidden by mistake; a running filter obeys within a second, and the page shows it when it is loaded again.

    Allowed finds stay in the log as `allowed`. Personal threats are let through text by text only: what you allow for an author, a site or
    a rule never reaches them.

    \b
    Example:
      safeguard log allow K7Q2-M3XX
      safeguard log allow K7Q2-M3XX --author
    """
    what = Scope(scope or "text")
    with opened() as store:
        entry = found(store, code)
        value, site, account = aim(entry.incident, what)
        made = store.allowances.add(what, value, site=site, account=account, code=entry.incident.code)
        store.review.mark(entry.incident.code, "wrong")
    if as_json:
        print_json(_as_dict(made.allowance, made.code, made.at))
        return
    click.echo(
        _("Allowed: %(what)s.", what=_said(made.allowance)) + ("" if what is Scope.TEXT else " " + _("Personal threats stay hidden."))
    )
    click.echo(_("Take it back with: safeguard log undo %(id)s", id=made.allowance.id))


@click.command()
@json_option
def allowed(as_json: bool) -> None:
    """What you have allowed, with the number that takes it back.

    \b
    Example:
      safeguard log allowed
    """
    with opened() as store:
        made = store.allowances.list()
    if as_json:
        for m in made:
            print_json(_as_dict(m.allowance, m.code, m.at))
        return
    if not made:
        click.echo(_("Nothing is allowed."))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in (N_("number"), N_("since"), N_("from entry"), N_("what")):
        table.add_column(_(title), justify="right" if title == "number" else "left", no_wrap=title != "what")
    for m in made:
        table.add_row(*(Text(c) for c in (str(m.allowance.id), local(m.at), safe(m.code), _said(m.allowance))))
    console().print(table)


@click.command()
@click.argument("which", metavar="NUMBER|CODE")
def undo(which: str) -> None:
    """Take back what was allowed: by its number, or everything allowed from the entry of that code.

    \b
    Example:
      safeguard log undo 3
    """
    with opened() as store:
        mine = [m for m in store.allowances.list() if str(m.allowance.id) == which or m.code.upper() == which.strip().upper()]
        done = [m.allowance for m in mine if store.allowances.undo(m.allowance.id)]
    if not done:
        raise InputError(_("no allowance %(which)s; `safeguard log allowed` lists them", which=repr(safe(which))))
    for a in done:
        click.echo(_("No longer allowed: %(what)s.", what=_said(a)))


@click.command()
@click.argument("code")
def confirm(code: str) -> None:
    """Note that an entry was rightly found; and everything that was allowed from it is taken back.

    \b
    Example:
      safeguard log confirm K7Q2-M3XX
    """
    with opened() as store:
        entry = found(store, code)
        back = [m for m in store.allowances.list() if m.code == entry.incident.code and store.allowances.undo(m.allowance.id)]
        store.review.mark(entry.incident.code, "right")
    for m in back:
        click.echo(_("No longer allowed: %(what)s.", what=_said(m.allowance)))
    click.echo(_("%(code)s is marked as right.", code=safe(entry.incident.code)))


@click.command()
@click.option("--by", type=click.Choice(COUNTED), multiple=True, help="Count by this alone; may be given several times.")
@json_option
def stats(by: tuple[str, ...], as_json: bool) -> None:
    """How much was found: by day, site, category, attacked group and author.

    \b
    Example:
      safeguard log stats
      safeguard log stats --by site
    """
    with opened() as store:
        total = store.review.count()
        counts = {name: store.review.counts(name) for name in by or COUNTED}
    if as_json:
        print_json({"entries": total, **{b: [{"name": n, "entries": e, "times": t} for n, e, t in rows] for b, rows in counts.items()}})
        return
    if not total:
        click.echo(_("The log is empty."))
        return
    out = console()
    told = told_by_rules() if counts.get("group") else Told()
    for name, rows in counts.items():
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column(_(BY[name]), min_width=30)
        table.add_column(_("entries"), justify="right")
        table.add_column(_("times"), justify="right")
        for value, entries, times in rows:
            called = words(value) if name == "category" else told.group(value) if name == "group" else value
            table.add_row(Text(safe(called) or _("(none)")), str(entries), str(times))
        out.print(table)
        out.print()
    out.print(Text(n_("%(n)s entry", "%(n)s entries", total)))


@click.command()
@click.option("--older-than", type=click.IntRange(1, 36500), metavar="DAYS", help="What was last met at least so many days ago.")
@click.option("--all", "everything", is_flag=True, help="The whole log.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@guarded()
def purge(older_than: int | None, everything: bool, yes: bool) -> None:
    """Delete entries for good; nothing of them stays in the log's files. What you have allowed stays allowed.

    Damaged copies of the log that were set aside in that time go too. A PostgreSQL server keeps some of it, as the command says.

    \b
    Example:
      safeguard log purge --older-than 7
    """
    if (older_than is None) is not everything:
        raise click.UsageError(_("give --older-than DAYS or --all, one of the two"))
    days = older_than or 0
    with opened() as store:
        count = store.review.older(days)
        if count and not yes and not click.confirm(n_("Delete %(n)s entry for good?", "Delete %(n)s entries for good?", count)):
            click.echo(_("Nothing was deleted."))
            raise SystemExit(1)
        gone = store.review.forget(days)
        traces = store.review.traces
        cleared, elsewhere, left = traces.clear(), traces.elsewhere, [p.name for p in traces.asides()]
    click.echo(n_("%(n)s entry deleted.", "%(n)s entries deleted.", gone))
    if not cleared:
        click.echo(_("Another program is reading the log: the running filter or the next purge takes the last copies out of its files."))
    if left:
        click.echo(_("Damaged copies set aside since may still hold such texts (--all deletes them): %(names)s", names=", ".join(left)))
    if elsewhere:
        click.echo(_(SERVER_KEEPS))


def _said(a: Allowance) -> str:
    """What is allowed, in words; harmless for a terminal."""
    said = _(SAID[a.scope], value=safe(a.value), site=safe(a.site))
    return said + (f", for {safe(a.account)}" if a.account else "")


def _as_dict(a: Allowance, code: str, at: int) -> dict[str, object]:
    return {"number": a.id, "scope": a.scope.value, "value": a.value, "site": a.site, "account": a.account, "code": code, "made": iso(at)}

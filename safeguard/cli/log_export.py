"""`safeguard log export`: the whole log as CSV for a spreadsheet or as JSON lines for a program."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from safeguard.cli.guarded import guarded
from safeguard.cli.log_entry import as_dict, opened
from safeguard.errors import InputError
from safeguard.language import _, n_
from safeguard.store import Entry
from safeguard.system.spreadsheet import cell, record
from safeguard.system.terminal import json_line, safe

COLUMNS = (
    *(
        "code",
        "kind",
        "first_seen",
        "last_seen",
        "seen",
        "account",
        "computer",
        "site",
        "url",
        "author",
        "role",
        "action",
        "review",
        "category",
    ),
    *("severity", "score", "group", "rule", "excerpt", "whole", "words"),
)


@click.command()
@click.option("--format", "format_", type=click.Choice(["csv", "json"]), default="csv", show_default=True, help="CSV, or JSON lines.")
@click.option("--computer", default="", metavar="NAME", help="Entries of this PC alone, where several share a log.")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="A new file instead of the screen.")
@click.option("--force", is_flag=True, help="Replace FILE where it is there already.")
@guarded()
def export(format_: str, computer: str, output: Path | None, force: bool) -> None:
    """Write the whole log, the oldest entry first, as CSV (RFC 4180) or as JSON lines, such as for the police or a school.

    In CSV, a cell that a spreadsheet would run as a formula begins with an apostrophe. FILE can be read by your account alone.

    \b
    Example:
      safeguard log export --format csv --output log.csv
    """
    if output is not None and output.exists() and not force:
        raise InputError(_("%(path)s: is there already; give another name, or --force to replace it", path=output))
    with opened() as store:
        bar = Console(stderr=True)
        quiet = output is None or not sys.stderr.isatty()
        entries = track(store.review.all(computer), _("entries"), store.review.count(computer), console=bar, transient=True, disable=quiet)
        lines = csv_lines(entries) if format_ == "csv" else (json_line(as_dict(e)) + "\n" for e in entries)
        if output is None:
            for line in lines:
                sys.stdout.buffer.write(line.encode())
            sys.stdout.buffer.flush()
            return
        count = _write(output, lines, "utf-8-sig" if format_ == "csv" else "utf-8", replace=force)  # Excel wants the mark at the head
    written = count - (format_ == "csv")
    click.echo(n_("%(n)s entry written to %(path)s", "%(n)s entries written to %(path)s", written, path=safe(str(output))))


def csv_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """A line with the names of the columns, then one record an entry; CRLF at each end."""
    yield record(COLUMNS)
    for entry in entries:
        row = as_dict(entry)
        row["words"] = "; ".join(f"{r['rule']}: {' … '.join(r['words'])}" for r in row["reasons"] if r["suppressed_by"] is None)
        yield record(cell(row[name]) for name in COLUMNS)


def _write(path: Path, lines: Iterable[str], encoding: str, *, replace: bool) -> int:
    """Writes all or nothing; returns how many lines. Raises InputError."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    count = 0
    try:
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding=encoding, newline="") as f:
                for line in lines:
                    f.write(line)
                    count += 1
                f.flush()
                os.fsync(f.fileno())
            if replace or not path.exists():
                draft.replace(path)
            else:
                raise InputError(_("%(path)s: is there already; give another name, or --force to replace it", path=path))
        finally:
            draft.unlink(missing_ok=True)
    except OSError as e:
        raise InputError(_("%(path)s: cannot be written (%(why)s)", path=path, why=e.strerror)) from e
    return count

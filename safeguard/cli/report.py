"""`safeguard report`: a package of evidence for a school, a platform, police or an ombudsman; and whether one was changed."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from safeguard import evidence, wiring
from safeguard.cli.guarded import guarded
from safeguard.cli.log_entry import found, opened
from safeguard.errors import InputError
from safeguard.evidence import Checked, Recipient, container, names
from safeguard.evidence.package import MOST_ENTRIES
from safeguard.language import _, n_
from safeguard.matching.verdict import Category
from safeguard.store import Entry, Store
from safeguard.store.exhibits import Selection
from safeguard.system import package_files
from safeguard.system.terminal import safe

MOST_LINES = 100


LENGTHS = {"%Y-%m-%d": timedelta(days=1), "%Y-%m-%d %H:%M": timedelta(minutes=1), "%Y-%m-%dT%H:%M": timedelta(minutes=1)}


def _when(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """A day or a minute on this computer's clock, as milliseconds since 1970; of `--until` its end."""
    if value is None:
        return None
    for form, length in LENGTHS.items():
        with suppress(ValueError, OverflowError, OSError):
            begin = datetime.strptime(value, form)
            return int((begin + length if param.name == "until" else begin).timestamp() * 1000)
    raise click.BadParameter(_("%(value)s is no day such as 2026-01-31, or minute such as '2026-01-31 18:05'", value=repr(safe(value))))


@click.command()
@click.argument("codes", nargs=-1)
@click.option("--since", callback=_when, metavar="DAY", help="Texts met on or after this day, or 'DAY HH:MM'.")
@click.option("--until", callback=_when, metavar="DAY", help="Texts met up to the end of this day, or of 'DAY HH:MM'.")
@click.option("--site", metavar="NAME", help="Texts of this site, as `safeguard log list` names it.")
@click.option("--author", metavar="NAME", help="Texts of this author.")
@click.option("--category", type=click.Choice([c.value for c in Category]), help="Texts of this category.")
@click.option("--severity", type=click.IntRange(0, 3), help="Texts of this severity or a higher one.")
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="PATH", help="Name of the new zip file or folder.")
@click.option("--folder", is_flag=True, help="Make a folder instead of one zip file.")
@click.option("--no-answers", is_flag=True, help="Leave out the raw answers of the sites, which hold more than the hidden text.")
@click.option("--for", "recipient", type=click.Choice([r.value for r in Recipient]), help="For whom it is, which the package then says.")
@click.option("--verify", type=click.Path(path_type=Path), metavar="PATH", help="Check a package instead, zip file or folder.")
@click.option("--digest", metavar="HEX", help="With --verify: the digest of the whole, as who made the package told it.")
@guarded(lambda given: given["verify"] is None)
def report(
    codes: tuple[str, ...],
    output: Path | None,
    folder: bool,
    no_answers: bool,
    recipient: str | None,
    verify: Path | None,
    digest: str | None,
    **filters: Any,
) -> None:
    """Make a package of evidence of chosen entries of the log, or check one.

    Choose by the codes that `safeguard log list` shows, or by filters, of which all must hold. The package holds a page to read
    and print, each entry, the raw answer of the site where it was kept, and a list of digests by which any change is found.
    It can be read by your account alone.

    \b
    Example:
      safeguard report K7Q2-M3XX M2LP-77QA
      safeguard report --since 2026-01-01 --category personal_threat --output threats.zip
      safeguard report --verify threats.zip
    """
    given = {k: v for k, v in filters.items() if v is not None}
    if verify is not None:
        if codes or given or output or folder or no_answers or recipient:
            raise InputError(_("--verify checks a package; it goes together with --digest alone"))
        _verify(verify, digest or "")
        return
    if digest is not None:
        raise InputError(_("--digest goes together with --verify"))
    if bool(codes) == bool(given):
        raise InputError(_("which entries? give their codes, or else filters such as --since 2026-01-01 (not both)"))
    _make(codes, given, output, folder, bodies=not no_answers, recipient=Recipient(recipient) if recipient else None)


def _make(
    codes: tuple[str, ...], given: Mapping[str, Any], output: Path | None, folder: bool, bodies: bool, recipient: Recipient | None
) -> None:
    path = output or Path(time.strftime("safeguard-evidence-%Y-%m-%d-%H%M%S") + ("" if folder else ".zip"))
    with opened() as store:
        entries = _chosen(store, codes, given)
        if not entries:
            click.echo(_("No entry of the log is like that; nothing was written."))
            raise SystemExit(1)
        files = wiring.evidence_package(wiring.load_settings(), store, entries, bodies=bodies, recipient=recipient)
    if folder:
        package_files.write_folder(path, files)
    else:
        package_files.write_file(path, container.pack(files))
    click.echo(n_("%(n)s entry written to %(path)s", "%(n)s entries written to %(path)s", len(entries), path=safe(str(path))))
    click.echo(_("digest of the package: %(digest)s", digest=evidence.check(files).digest))
    click.echo(_("Note it, and tell it to whoever gets the package by another way: it shows that nothing was changed."))


def _chosen(store: Store, codes: tuple[str, ...], given: Mapping[str, Any]) -> list[Entry]:
    if codes:
        for code in codes:
            found(store, code)
        return store.exhibits.named(codes)
    entries = store.exhibits.chosen(Selection(**given), MOST_ENTRIES + 1)
    if len(entries) > MOST_ENTRIES:
        raise InputError(_("over %(most)s entries are like that, too many for one package; choose fewer", most=f"{MOST_ENTRIES:,}"))
    return entries


def _verify(path: Path, told: str) -> None:
    told = told.strip().lower()
    if told and not re.fullmatch("[0-9a-f]{64}", told):
        raise InputError(_("--digest: 64 digits and letters from a to f, as `safeguard report` printed them"))
    checked, others = _checked(path, told)
    problems = [*checked.problems, *others]
    for line in problems[:MOST_LINES]:
        click.echo(safe(line))
    if len(problems) > MOST_LINES:
        click.echo(_("… and %(count)s more", count=len(problems) - MOST_LINES))
    if problems:
        click.echo(_("%(path)s: CHANGED", path=safe(str(path))))
        raise SystemExit(1)
    count = n_("%(n)s entry", "%(n)s entries", checked.count)
    click.echo(_("%(path)s: nothing was changed since it was made; %(count)s", path=safe(str(path)), count=count))
    click.echo(_("digest of the package: %(digest)s", digest=checked.digest))
    if not told:
        click.echo(_("Compare it with the one that the sender tells you: who makes a package anew gives it another one."))


def _checked(path: Path, told: str) -> tuple[Checked, list[str]]:
    """What the files say, and what is wrong beyond them. Raises InputError where nothing can be read."""
    if not path.is_dir():
        return evidence.check_zip(package_files.read_file(path), told), []
    if not (path / names.MANIFEST).is_file():  # perhaps somebody's home: not read in full
        return evidence.check({}, told), []
    files, others = package_files.read_folder(path)
    return evidence.check(files, told), [_("%(name)s: added; it does not belong to the package", name=name) for name in others]

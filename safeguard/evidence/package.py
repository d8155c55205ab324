"""Makes the files of a package from entries of the log: the same entries give the same bytes, but for the time it is made at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safeguard import __version__
from safeguard.errors import InputError
from safeguard.evidence import manifest, names, page
from safeguard.evidence.container import MOST_BYTES
from safeguard.evidence.manifest import Link
from safeguard.evidence.recipient import Recipient
from safeguard.evidence.told import Told
from safeguard.language import N_, _
from safeguard.policy.incident import EXCERPT, Body
from safeguard.store.entry import MOST_REASONS, MOST_WHOLE, Entry
from safeguard.system.terminal import json_line

MOST_ENTRIES = 5_000

NEVER_KEPT = (
    N_("Pictures, films and sounds are never kept, only the texts."),
    N_("Nothing is kept of what was written before and after a text, unless it stands in the raw answer."),
    N_("The times are those of this computer's clock at the moment when the filter met the text, not when it was written."),
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One time as it is written: in UTC (ISO 8601), and on the clock of this computer with its zone."""

    utc: str
    local: str


def build(
    entries: Sequence[Entry],
    body_of: Callable[[Entry], Body | None],
    made: Moment,
    moment: Callable[[int], Moment],
    *,
    told: Told | None = None,
    bodies: bool = True,
    recipient: Recipient | None = None,
) -> dict[str, bytes]:
    """The files by name.

    body_of: the raw answer of an entry, where the log has one.
    moment:  of milliseconds since 1970, UTC.
    told:    what the rules say of themselves.
    bodies:  put the raw answers in.
    recipient: for whom it is, where that is known.
    Raises InputError where it would be too much.
    """
    files: dict[str, bytes] = {}
    links: list[Link] = []
    records: list[dict[str, Any]] = []
    total = 0
    told = told or Told()
    named = recipient is None or recipient.gets_account
    for number, entry in enumerate(entries, 1):
        body = body_of(entry) if bodies else None
        record = _record(number, entry, body, moment, told.whys, left_out=bool(entry.body) and not bodies, named=named)
        records.append(record)
        files[names.entry(number)] = data = (json_line(record) + "\n").encode()
        if body is not None:
            files[names.body(number)] = body.data
        links.append(Link(number, entry.incident.code, manifest.digest(data), manifest.digest(body.data) if body is not None else ""))
        total += len(data) + (len(body.data) if body is not None else 0)
        if number > MOST_ENTRIES or total > MOST_BYTES // 2:
            raise InputError(_("too much for one package; choose fewer entries, or leave the raw answers out"))
    never_kept = [_(sentence) for sentence in NEVER_KEPT]
    files[names.PAGE] = page.render(records, made.utc, made.local, never_kept, recipient, told)
    about = {"safeguard": __version__, "made": made.utc, "made_local": made.local, "not_kept": never_kept}
    about |= {"made_for": recipient.value} if recipient is not None else {}
    files[names.MANIFEST] = listed = manifest.write(links, files[names.PAGE], about)
    files[names.SEAL] = manifest.seal(listed)
    return files


def _record(
    number: int, entry: Entry, body: Body | None, moment: Callable[[int], Moment], whys: Mapping[str, str], left_out: bool, named: bool
) -> dict[str, Any]:
    i = entry.incident
    first, last = moment(entry.first_seen), moment(entry.last_seen)
    return {
        "number": number,
        "code": i.code,
        "kind": i.kind,
        "site": i.site,
        "address": i.url,
        "author": i.author,
        "what_it_is": i.role,
        "first_met": first.utc,
        "first_met_local": first.local,
        "last_met": last.utc,
        "last_met_local": last.local,
        "times_met": entry.seen,
        "child": i.account if named else "",
        "what_was_done": i.action,
        "parent_says": entry.review,
        "category": i.category,
        "severity": i.severity,
        "score": i.score,
        "group": i.group or "",
        "rule": i.rule,
        "rules_version": i.rules,
        "text": i.excerpt if i.whole is None else i.whole,
        "findings": [
            {
                "rule": r.rule,
                "why": whys.get(r.rule, ""),
                "category": r.category.value,
                "severity": r.severity,
                "words": list(r.words),
                "not_counted_because": r.suppressed_by or "",
            }
            for r in i.reasons
        ],
        "answer": names.body(number) if body is not None else "",
        "answer_media": body.media if body is not None else "",
        "answer_sha256": manifest.digest(body.data) if body is not None else "",
        "answer_bytes": [body.start, body.start + len(body.data), body.whole] if body is not None else [],
        "not_kept": _not_kept(entry, body, left_out, named),
    }


def _not_kept(entry: Entry, body: Body | None, left_out: bool, named: bool) -> list[str]:
    """What is missing of this entry, in sentences."""
    i = entry.incident
    out = []
    if i.kind == "unit" and i.whole is None:
        out.append(
            _("Only an excerpt of at most %(count)s characters around the words that decided was kept, not the whole text.", count=EXCERPT)
        )
    elif i.whole is not None and len(i.whole) >= MOST_WHOLE:
        out.append(_("The text was cut off after %(count)s characters.", count=f"{MOST_WHOLE:,}"))
    if len(i.reasons) >= MOST_REASONS:
        out.append(_("Only the first %(count)s findings were kept.", count=MOST_REASONS))
    if left_out:
        out.append(_("The raw answer of the site is in the log; it was left out of this package by choice."))
    elif i.kind == "unit" and body is None:
        out.append(_("The raw answer of the site, in which the text stood, was not kept."))
    elif body is not None and len(body.data) < body.whole:
        end = body.start + len(body.data)
        places = {"whole": f"{body.whole:,}", "start": f"{body.start:,}", "end": f"{end:,}"}
        out.append(_("Of the raw answer's %(whole)s bytes, only those from %(start)s to %(end)s were kept.", **places))
    if i.account and not named:
        out.append(_("The name of the child's account was left out of this package."))
    if i.kind == "unit" and not i.rules:
        out.append(_("Which version of the rules found it was not noted."))
    return out

"""One entry of the log, and its way into a row and back (reader and writer of the format in one file)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from safeguard.matching.verdict import Category, Level, Reason
from safeguard.policy.incident import EXCERPT, Incident

MOST_REASONS = 50  # a text of nothing but findings must not fill the disk
MOST_FIELD = 2000
MOST_WHOLE = 200_000
# columns that are named like the incident's fields
_SAME = ("code", "kind", "site", "url", "action", "category", "severity", "score", "rule", "author", "role", "excerpt", "whole", "account")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # SQLite takes no lone surrogate, PostgreSQL no NUL


@dataclass(frozen=True, slots=True)
class Entry:
    """An incident as the log has it.

    first_seen, last_seen: milliseconds since 1970, UTC; seen: how often it was met.
    review: what the parent said of it: "" nothing, "right" or "wrong".
    body:   name of the raw answer it stood in (Store.exhibits has it), "" where none was kept.
    computer: name of the PC that met it last; several PCs may share a log.
    """

    incident: Incident
    first_seen: int
    last_seen: int
    seen: int
    review: str = ""
    body: str = ""
    computer: str = ""


def storable(value: str, limit: int = MOST_FIELD) -> str:
    """The text as any database takes it."""
    return _UNSTORABLE.sub("\ufffd", value[:limit])


def _reason(r: Reason) -> dict[str, Any]:
    return asdict(r) | {"category": r.category.value, "level": int(r.level)}


def _to_reason(r: dict[str, Any]) -> Reason:
    return Reason(**(r | {"category": Category(r["category"]), "level": Level(r["level"]), "words": tuple(r["words"])}))


def to_row(incident: Incident, now: int, evidence: bool, computer: str) -> dict[str, Any]:
    """The row of an incident met now (milliseconds); without evidence its whole text stays out. computer: this PC."""
    return {
        "code": incident.code,
        "kind": incident.kind,
        "site": storable(incident.site),
        "url": storable(incident.url),
        "action": incident.action,
        "category": incident.category,
        "severity": incident.severity,
        "score": incident.score,
        "target": incident.group,
        "rule": incident.rule,
        "author": storable(incident.author),
        "role": incident.role,
        "excerpt": storable(incident.excerpt, EXCERPT),
        "reasons": json.dumps([_reason(r) for r in incident.reasons[:MOST_REASONS]]),  # ASCII: nothing unstorable
        "whole": storable(incident.whole, MOST_WHOLE) if evidence and incident.whole is not None else None,
        "first_seen": now,
        "last_seen": now,
        "seen": 1,
        "account": storable(incident.account),
        "review": "",
        "rules": storable(incident.rules),
        "body": None,
        "computer": storable(computer),
    }


def from_row(row: Mapping[str, Any]) -> Entry:
    """The entry in a row of the incident table."""
    reasons = tuple(map(_to_reason, json.loads(row["reasons"])))
    incident = Incident(**{n: row[n] for n in _SAME}, group=row["target"], reasons=reasons, rules=row["rules"])
    return Entry(incident, row["first_seen"], row["last_seen"], row["seen"], row["review"], row["body"] or "", row["computer"])

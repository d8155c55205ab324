"""Small packages as the tests need them: made of plain entries, at a time of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from safeguard.evidence import Moment, build, manifest, names
from safeguard.policy.incident import Body
from safeguard.store import Entry
from tests.store.conftest import incident

ANSWER = Body("application/json", 17, 0, b'{"text": "\xd5\xa2\xd6\x80"}\x00\xff\n')
MADE = Moment("2026-01-02T03:04:05.006Z", "2026-01-02 07:04:05 +0400 (+04)")


def moment(ms: int) -> Moment:
    return Moment(f"{ms} UTC", f"{ms} here")


def entry(code: str = "AB12-CD34", *, body: str = "", seen: int = 1, review: str = "", **changed: object) -> Entry:
    return Entry(incident(code, **changed), 1_000, 1_000 + seen, seen, review, body)


SMALL = (entry("AB12-CD34", whole="all of the words", body="a"), entry("EF56-GH78", seen=3), entry("JK90-LM12", whole="երրորդ", body="a"))


def package(entries: Sequence[Entry] = SMALL, made: Moment = MADE, **options: Any) -> dict[str, bytes]:
    return build(entries, lambda e: ANSWER if e.body else None, made, moment, **options)


def page(*entries: Entry, **options: Any) -> str:
    return package(entries, **options)[names.PAGE].decode()


def resealed(files: Mapping[str, bytes], said: Mapping[str, Any]) -> dict[str, bytes]:
    """The package with another manifest, sealed as if it were right."""
    data = json.dumps(said).encode()
    return {**files, names.MANIFEST: data, names.SEAL: manifest.seal(data)}

"""The list of all that is in a package, as a chain: each entry's digest includes the one before, the seal is the digest of the list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from safeguard.evidence import names
from safeguard.system.terminal import json_line

FORMAT = "safeguard-evidence-1"
ALGORITHM = "SHA-256"
BEFORE_THE_FIRST = "0" * 64
HOW = (
    "sha256 is the SHA-256 of a file's bytes. chain of an entry is the SHA-256 of these lines, each ended by a line feed: "
    "the chain of the entry before (of the first: 64 zeros), number, code, "
    "file, sha256, answer, answer_sha256 (an empty line for what is missing). "
    "manifest.sha256 holds the SHA-256 of this file, which is the digest of the whole package."
)


def digest(data: bytes) -> str:
    """As it stands in the manifest."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Link:
    """One entry in the chain; answer: the raw answer it stood in, "" where the package has none."""

    number: int
    code: str
    sha256: str
    answer_sha256: str = ""

    @property
    def file(self) -> str:
        return names.entry(self.number)

    @property
    def answer(self) -> str:
        return names.body(self.number) if self.answer_sha256 else ""

    def chain(self, before: str) -> str:
        """Its digest, which includes the one before."""
        lines = (before, str(self.number), self.code, self.file, self.sha256, self.answer, self.answer_sha256)
        return digest("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass"))


def write(links: Sequence[Link], page: bytes, about: Mapping[str, Any]) -> bytes:
    """The manifest. about: what else it says."""
    chain = BEFORE_THE_FIRST
    rows = []
    for link in links:
        chain = link.chain(chain)
        rows.append(
            {
                "number": link.number,
                "code": link.code,
                "file": link.file,
                "sha256": link.sha256,
                "answer": link.answer,
                "answer_sha256": link.answer_sha256,
                "chain": chain,
            }
        )
    head = {"format": FORMAT, "algorithm": ALGORITHM, "how": HOW, **about, "count": len(rows)}
    tail = {"page": names.PAGE, "page_sha256": digest(page), "chain": chain}
    return _lines(head, rows, tail)


def _lines(head: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], tail: Mapping[str, Any]) -> bytes:
    """JSON, a line a fact and a line an entry, so that people can read it too."""
    lines = [f"{json_line(k)}: {json_line(v)}," for k, v in head.items()]
    lines += ['"entries": [', ",\n".join(json_line(r) for r in rows), "],"]
    lines.append(",\n".join(f"{json_line(k)}: {json_line(v)}" for k, v in tail.items()))
    return ("{\n" + "\n".join(lines) + "\n}\n").encode()


def seal(manifest: bytes) -> bytes:
    """The file beside the manifest, as `sha256sum -c` reads it."""
    return f"{digest(manifest)}  {names.MANIFEST}\n".encode()


@dataclass(frozen=True, slots=True)
class Listed:
    """What a manifest says, for the check. count, chain: at its end, beyond the entries themselves."""

    rows: tuple[tuple[Link, str, str, str], ...]
    """Each entry with the names of its files and the chain as they are written there."""
    count: int
    page_sha256: str
    chain: str


def read(data: bytes) -> Listed | None:
    """What the manifest says; None where it is none of ours."""
    try:
        said = json.loads(data)
        rows = tuple(
            (
                Link(int(r["number"]), str(r["code"]), str(r["sha256"]), str(r["answer_sha256"])),
                str(r["file"]),
                str(r["answer"]),
                str(r["chain"]),
            )
            for r in said["entries"]
        )
        return Listed(rows, int(said["count"]), str(said["page_sha256"]), str(said["chain"])) if said["format"] == FORMAT else None
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None

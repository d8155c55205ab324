"""Finds what was changed in a package, and says where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from safeguard.evidence import container, manifest, names
from safeguard.evidence.manifest import BEFORE_THE_FIRST, Listed


@dataclass(frozen=True, slots=True)
class Checked:
    """problems: a line each, none where nothing was changed; names of files in them may be hostile.

    count: entries; digest: of the whole, to compare with the one that the sender told; "" where there is no manifest.
    """

    problems: tuple[str, ...]
    count: int = 0
    digest: str = ""


def check(files: Mapping[str, bytes], told: str = "") -> Checked:
    """files: all that are there, by name; told: the digest of the whole as the sender told it, "" for none."""
    data = files.get(names.MANIFEST)
    if data is None:
        return Checked((f"{names.MANIFEST}: missing, so this cannot be checked (removed or renamed, or no package of evidence)",))
    whole = manifest.digest(data)
    problems = list(_sealed(files, data, whole))
    if told and told != whole:
        problems.append(f"the digest of the package is {whole}, not {told}: {names.MANIFEST} is not the one that was made")
    listed = manifest.read(data)
    if listed is None:
        return Checked((*problems, f"{names.MANIFEST}: cannot be read, so the other files cannot be checked"), 0, whole)
    problems += _chained(listed)
    problems += _compared(files, listed)
    return Checked(tuple(problems), len(listed.rows), whole)


def check_zip(data: bytes, told: str = "") -> Checked:
    """The same of one zip file; every byte of it counts, of what stands between the files too."""
    files = container.unpack(data)
    checked = check(files, told)
    differs = container.difference(data, files)
    # a changed file differs in the zip file too; said once
    return replace(checked, problems=(differs,)) if differs and not checked.problems else checked


def _sealed(files: Mapping[str, bytes], data: bytes, whole: str) -> Iterator[str]:
    seal = files.get(names.SEAL)
    if seal is not None and seal != manifest.seal(data):
        yield f"{names.MANIFEST} or {names.SEAL}: changed; the digest of {names.MANIFEST} is {whole}, which {names.SEAL} does not say"


def _chained(listed: Listed) -> Iterator[str]:
    """What is wrong in the list itself."""
    before = BEFORE_THE_FIRST
    for place, (link, file, answer, chain) in enumerate(listed.rows, 1):
        if link.number != place:
            yield f"{names.MANIFEST}: entry {link.number} ({link.code}) stands at place {place}: entries were moved, added or removed"
        elif (file, answer) != (link.file, link.answer):
            yield f"{names.MANIFEST}: entry {place} ({link.code}) names other files than its own"
        elif link.chain(before) != chain:
            yield f"{names.MANIFEST}: entry {place} ({link.code}) does not continue the chain: it or one before it was changed"
        before = chain
    if (listed.count, listed.chain) != (len(listed.rows), before):
        last = f"entry {len(listed.rows)} ({listed.count} were written)"
        yield f"{names.MANIFEST}: it does not end with {last}: entries were added or removed"


def _compared(files: Mapping[str, bytes], listed: Listed) -> Iterator[str]:
    """What is wrong in the files beside it."""
    expected = {names.PAGE: (listed.page_sha256, "the page")}
    for link, *_ in listed.rows:
        expected[link.file] = link.sha256, f"entry {link.number}, {link.code}"
        if link.answer:
            expected[link.answer] = link.answer_sha256, f"the raw answer of entry {link.number}, {link.code}"
    ours = {names.MANIFEST, names.SEAL, *expected}
    added = sorted(files.keys() - ours)
    by_digest: defaultdict[str, list[str]] = defaultdict(list)
    for name in reversed(added):
        by_digest[manifest.digest(files[name])].append(name)
    renamed = set()
    for name in sorted(ours - files.keys()):
        wanted, what = expected.get(name, ("", "the digest of the whole"))
        if name == names.SEAL:
            wanted = manifest.digest(manifest.seal(files[names.MANIFEST]))
        if by_digest.get(wanted):
            renamed.add(now := by_digest[wanted].pop())
            yield f"{name}: renamed to {now} ({what})"
        else:
            yield f"{name}: missing ({what})"
    for name, (sha256, what) in expected.items():
        if name in files and manifest.digest(files[name]) != sha256:
            yield f"{name}: changed ({what})"
    yield from (f"{name}: added; it does not belong to the package" for name in added if name not in renamed)

"""Finds what was changed in a package, and says where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from safeguard.evidence import container, manifest, names
from safeguard.evidence.manifest import BEFORE_THE_FIRST, Listed
from safeguard.language import _


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
        said = _("%(file)s: missing, so this cannot be checked (removed or renamed, or no package of evidence)", file=names.MANIFEST)
        return Checked((said,))
    whole = manifest.digest(data)
    problems = list(_sealed(files, data, whole))
    if told and told != whole:
        problems.append(
            _(
                "the digest of the package is %(digest)s, not %(told)s: %(file)s is not the one that was made",
                digest=whole,
                told=told,
                file=names.MANIFEST,
            )
        )
    listed = manifest.read(data)
    if listed is None:
        return Checked((*problems, _("%(file)s: cannot be read, so the other files cannot be checked", file=names.MANIFEST)), 0, whole)
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
        yield _(
            "%(list)s or %(seal)s: changed; the digest of %(list)s is %(digest)s, which %(seal)s does not say",
            list=names.MANIFEST,
            seal=names.SEAL,
            digest=whole,
        )


def _chained(listed: Listed) -> Iterator[str]:
    """What is wrong in the list itself."""
    before = BEFORE_THE_FIRST
    for place, (link, file, answer, chain) in enumerate(listed.rows, 1):
        if link.number != place:
            yield _(
                "%(file)s: entry %(number)s (%(code)s) stands at place %(place)s: entries were moved, added or removed",
                file=names.MANIFEST,
                number=link.number,
                code=link.code,
                place=place,
            )
        elif (file, answer) != (link.file, link.answer):
            yield _(
                "%(file)s: entry %(number)s (%(code)s) names other files than its own", file=names.MANIFEST, number=place, code=link.code
            )
        elif link.chain(before) != chain:
            yield _(
                "%(file)s: entry %(number)s (%(code)s) does not continue the chain: it or one before it was changed",
                file=names.MANIFEST,
                number=place,
                code=link.code,
            )
        before = chain
    if (listed.count, listed.chain) != (len(listed.rows), before):
        yield _(
            "%(file)s: it does not end with entry %(number)s (%(count)s were written): entries were added or removed",
            file=names.MANIFEST,
            number=len(listed.rows),
            count=listed.count,
        )


def _compared(files: Mapping[str, bytes], listed: Listed) -> Iterator[str]:
    """What is wrong in the files beside it."""
    expected = {names.PAGE: (listed.page_sha256, _("the page"))}
    for link, *__ in listed.rows:
        expected[link.file] = link.sha256, _("entry %(number)s, %(code)s", number=link.number, code=link.code)
        if link.answer:
            expected[link.answer] = (
                link.answer_sha256,
                _("the raw answer of entry %(number)s, %(code)s", number=link.number, code=link.code),
            )
    ours = {names.MANIFEST, names.SEAL, *expected}
    added = sorted(files.keys() - ours)
    by_digest: defaultdict[str, list[str]] = defaultdict(list)
    for name in reversed(added):
        by_digest[manifest.digest(files[name])].append(name)
    renamed = set()
    for name in sorted(ours - files.keys()):
        wanted, what = expected.get(name, ("", _("the digest of the whole")))
        if name == names.SEAL:
            wanted = manifest.digest(manifest.seal(files[names.MANIFEST]))
        if by_digest.get(wanted):
            renamed.add(now := by_digest[wanted].pop())
            yield _("%(name)s: renamed to %(now)s (%(what)s)", name=name, now=now, what=what)
        else:
            yield _("%(name)s: missing (%(what)s)", name=name, what=what)
    for name, (sha256, what) in expected.items():
        if name in files and manifest.digest(files[name]) != sha256:
            yield _("%(name)s: changed (%(what)s)", name=name, what=what)
    yield from (_("%(name)s: added; it does not belong to the package", name=name) for name in added if name not in renamed)

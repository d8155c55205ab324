"""`safeguard filter --batch`: the response pipeline on saved bodies, without a network and without the log."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from safeguard import wiring
from safeguard.cli.common import profile_option
from safeguard.errors import InputError
from safeguard.pipeline import Exchange
from safeguard.system.terminal import json_line

_NAME = re.compile(r"(?!\.)[^/\\:\0-\x1f]{1,200}")
_DEVICES = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


@click.command("filter")
@click.option(
    "--batch", "batch", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="LIST.jsonl", help="What to filter."
)
@click.option(
    "--out-dir", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Where the answers are written."
)
@profile_option
def filter_(batch: Path, out_dir: Path, profile: str | None) -> None:
    """Filter saved answers of websites, without a network; nothing goes into the log.

    \b
    A line of LIST is {"id", "url", "content_type", "file", optional "headers"}; DIR/<id> gets the filtered body.
    Example:
      safeguard filter --batch list.jsonl --out-dir out
    """
    settings = wiring.load_settings()
    cases = list(_cases(batch))
    pipeline = wiring.build_pipeline(settings, profile=wiring.profile_of(settings, profile), code_key=b"saved bodies")
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise InputError(f"--out-dir {out_dir}: cannot be made ({e.strerror})") from e
    for case in cases:
        try:
            raw = case.file.read_bytes()
        except OSError as e:
            raise InputError(f"line {case.line}: {case.file}: cannot be read ({e.strerror})") from e
        outcome = pipeline.check_body(case.exchange, raw)
        try:
            (out_dir / case.id).write_bytes(outcome.body)
        except OSError as e:
            raise InputError(f"{out_dir / case.id}: cannot be written ({e.strerror})") from e
        said: dict[str, object] = {"id": case.id, "action": outcome.result.value, "hidden": outcome.hidden}
        if outcome.why:
            said["why"] = outcome.why
        sys.stdout.write(json_line(said) + "\n")
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class _Case:
    line: int
    id: str
    file: Path
    exchange: Exchange


def _cases(batch: Path) -> Iterator[_Case]:
    """The lines of LIST. Raises InputError naming the first broken one."""
    try:
        lines = batch.read_bytes().split(b"\n")
    except OSError as e:
        raise InputError(f"{batch}: cannot be read ({e.strerror})") from e
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            case = json.loads(line.decode("utf-8-sig"))
        except UnicodeDecodeError as e:
            raise InputError(f"line {number}: not UTF-8") from e
        except (ValueError, RecursionError) as e:
            raise InputError(f"line {number}: broken JSON") from e
        read = _case(number, case, batch.parent)
        folded = read.id.casefold()  # some file systems know no case
        if folded in seen:
            raise InputError(f"line {number}: id {read.id!r} stands already on line {seen[folded]}")
        seen[folded] = number
        yield read


def _case(number: int, case: Any, folder: Path) -> _Case:
    if not isinstance(case, dict):
        raise InputError(f"line {number}: must be an object with id, url, content_type and file")
    for key in ("id", "url", "content_type", "file"):
        if not isinstance(case.get(key), str):
            raise InputError(f"line {number}: {key} must be a string")
    if not _NAME.fullmatch(case["id"]) or _DEVICES.fullmatch(case["id"]) or case["id"].endswith((".", " ")):
        raise InputError(f"line {number}: id {case['id'][:60]!r} cannot be a file name; use letters, digits, - and _")
    if "\0" in case["file"] or not case["file"]:
        raise InputError(f"line {number}: file must name a file")
    headers = case.get("headers", {})
    pairs = list(headers.items()) if isinstance(headers, dict) else headers
    if not isinstance(pairs, list) or not all(
        isinstance(p, list | tuple) and len(p) == 2 and all(isinstance(x, str) for x in p) for p in pairs
    ):
        raise InputError(f"line {number}: headers must be an object of strings")
    try:
        host = urlsplit(case["url"]).hostname or ""
    except ValueError as e:
        raise InputError(f"line {number}: url is broken ({e})") from e
    lower = tuple((n.lower(), v) for n, v in pairs)
    exchange = Exchange(case["url"], host, case["content_type"], lower)
    return _Case(number, case["id"], folder / case["file"], exchange)

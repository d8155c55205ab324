"""`safeguard check`: the verdict on a text, explained for a person, or on many as JSON lines for a program."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from safeguard import wiring
from safeguard.cli.common import SEVERITIES, console, done, json_option, marked, outside, print_json, profile_option, reason_dict, words
from safeguard.errors import InputError
from safeguard.language import N_, _
from safeguard.matching.engine import Engine
from safeguard.matching.verdict import Level, Verdict
from safeguard.policy.profile import Profile
from safeguard.ruleset.model import CompiledRules
from safeguard.system.terminal import json_line, safe
from safeguard.text.unit import Role, TextUnit

BATCH = 1000  # texts judged at once: enough for speed, small in memory
CHUNK = 2**20
N_("clean"), N_("suspect"), N_("harmful")  # the labels of Level
COLOURS = {Level.CLEAN: "green", Level.SUSPECT: "yellow", Level.HARMFUL: "red"}


@click.command()
@click.argument("text", required=False)
@click.option("--jsonl", metavar="FILE|-", help="Judge a file of JSON lines, or standard input.")
@click.option(
    "--role", type=click.Choice([r.value for r in Role]), default=Role.POST.value, show_default=True, help="What TEXT is on its page."
)
@profile_option
@json_option
def check(text: str | None, jsonl: str | None, role: str, profile: str | None, as_json: bool) -> None:
    """Say whether a text is hate or a threat, and why. Exit code 1 where it is harmful.

    \b
    Example:
      safeguard check "Good morning, neighbours"
      safeguard check --jsonl posts.jsonl
    """
    if (text is None) == (jsonl is None):
        raise click.UsageError(_("give a TEXT or --jsonl FILE, one of the two"))
    settings = wiring.load_settings()
    child = wiring.profile_of(settings, profile)
    engine = wiring.build_engine(settings)
    if jsonl is not None:
        _jsonl(engine, jsonl, child if profile else None)
        return
    assert text is not None
    verdict = engine.explain(TextUnit.of(text, Role(role)))
    if as_json:
        print_json(answer(None, verdict, child))
    else:
        _explain(text, verdict, child, engine.rules)
    raise SystemExit(verdict.level is Level.HARMFUL)


def answer(id_: str | None, verdict: Verdict, profile: Profile | None) -> dict[str, Any]:
    """One answer of `check --jsonl`; without an id for a single text."""
    out: dict[str, Any] = {} if id_ is None else {"id": id_}
    out |= {
        "verdict": verdict.level.label,
        "category": verdict.category.value if verdict.category else None,
        "severity": verdict.severity,
        "score": verdict.score,
        "group": verdict.group,
        "reasons": [reason_dict(r) for r in verdict.reasons],
    }
    if profile is not None:
        out["action"] = profile.action(verdict.level, verdict.severity).value
    return out


def _explain(text: str, verdict: Verdict, profile: Profile, rules: CompiledRules) -> None:
    out = console()
    whys, tell = rules.whys, wiring.rules_say()
    live = [r for r in verdict.reasons if r.suppressed_by is None]
    head = Text(_(verdict.level.label), style=f"bold {COLOURS[verdict.level]}")
    if verdict.category:
        severity = f"{verdict.severity} ({_(SEVERITIES[verdict.severity])})"
        told = _(
            "%(category)s, severity %(severity)s, score %(score)s",
            category=words(verdict.category.value),
            severity=severity,
            score=f"{verdict.score:g}",
        )
        head.append(f": {told}" + (f", {_('group')} {safe(tell(rules.titles.get(verdict.group, verdict.group)))}" if verdict.group else ""))
    out.print(head)
    out.print(Text("  ").append(marked(text, [(r.start, r.end) for r in (live or verdict.reasons)])))
    for r in verdict.reasons:
        met = _("not counted") if r.suppressed_by else _("found by")
        line = Text(f"  {met} ", style="dim" if r.suppressed_by else COLOURS[r.level])
        line.append(f"{r.rule} ({words(r.category.value)}): ").append(outside(" … ".join(r.words)))
        out.print(line)
        if why := whys.get(r.rule):
            out.print(Text("      ").append(outside(tell(why), "dim")))
        if r.suppressed_by:
            off = Text("      " + _("switched off by %(rule)s", rule=safe(r.suppressed_by)), style="dim")
            out.print(off.append(f": {safe(tell(whys[r.suppressed_by]))}") if r.suppressed_by in whys else off)
    if verdict.reasons:
        out.print(
            Text("  " + _("more about a rule: %(command)s", command=f"safeguard rules show {safe(verdict.reasons[0].rule)}"), style="dim")
        )
    else:
        out.print(Text("  " + _("no rule found anything"), style="dim"))
    action = profile.action(verdict.level, verdict.severity).value
    out.print(Text("  " + _("profile %(name)s: %(action)s", name=profile.name, action=done(action))))


def _jsonl(engine: Engine, source: str, profile: Profile | None) -> None:
    """Raises InputError at the first broken line, after the answers to the lines before it."""
    for cases, problem in _batches(source):
        verdicts = engine.check_many([unit for __, unit in cases])
        lines = [json_line(answer(id_, v, profile)) + "\n" for (id_, __), v in zip(cases, verdicts, strict=True)]
        sys.stdout.write("".join(lines))
        sys.stdout.flush()
        if problem:
            raise InputError(problem)


def _lines(source: str) -> Iterator[list[bytes]]:
    """The input's lines as they come: all that can be had now, never waiting for more, so a program that asks line by line gets answers."""
    try:
        fd = sys.stdin.fileno() if source == "-" else os.open(source, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        rest: list[bytes] = []  # pieces of a line whose end has not come yet
        while chunk := os.read(fd, CHUNK):
            if b"\n" not in chunk:
                rest.append(chunk)
                continue
            *lines, last = b"".join((*rest, chunk)).split(b"\n")
            rest = [last]
            yield lines
        yield [b"".join(rest)]
        if source != "-":
            os.close(fd)
    except OSError as e:
        raise InputError(_("%(file)s: cannot be read (%(why)s)", file=Path(source), why=e.strerror)) from e


def _batches(source: str) -> Iterator[tuple[list[tuple[str, TextUnit]], str]]:
    """(cases, "") at most BATCH at a time; with a problem after the last good case where a line is broken."""
    number = 0
    for lines in _lines(source):
        cases: list[tuple[str, TextUnit]] = []
        for line in lines:
            number += 1
            if not line.strip():
                continue
            try:
                cases.append(read_case(line))
            except Broken as e:
                yield cases, f"line {number}: {e}"
                return
            if len(cases) == BATCH:
                yield cases, ""
                cases = []
        if cases:
            yield cases, ""


class Broken(ValueError):
    """A line is not a case; the text says why, in English: who writes such lines is a program."""


def _no_constant(name: str) -> None:
    raise Broken(f"broken JSON: {name} is no JSON number")


# numbers are never looked at; kept as 0, one with thousands of digits costs and breaks nothing
_DECODER = json.JSONDecoder(parse_int=lambda digits: 0, parse_float=lambda digits: 0.0, parse_constant=_no_constant)
_ROLES = {r.value: r for r in Role}


def read_case(line: bytes) -> tuple[str, TextUnit]:
    """(id, unit) of one line of `check --jsonl`. Raises Broken."""
    try:
        case = _DECODER.decode(line.decode("utf-8-sig"))
    except UnicodeDecodeError as e:
        raise Broken(f"not UTF-8 at byte {e.start + 1}") from e
    except json.JSONDecodeError as e:
        raise Broken(f"broken JSON: {e.msg} at character {e.pos + 1}") from e
    except RecursionError as e:
        raise Broken("broken JSON: nested too deep") from e
    if not isinstance(case, dict):
        raise Broken("must be a JSON object with id and text")
    for key in ("id", "text"):
        if not isinstance(case.get(key), str):
            raise Broken(f"{key} must be a string")
    role, lang = (case[key] if case.get(key) is not None else none for key, none in (("role", Role.POST.value), ("lang", "")))
    if not isinstance(role, str) or role not in _ROLES:
        raise Broken(f"role must be one of {', '.join(_ROLES)}")
    if not isinstance(lang, str):
        raise Broken("lang must be a string")
    return case["id"], TextUnit.of(case["text"], _ROLES[role], lang)

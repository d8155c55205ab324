"""`safeguard rules`: look at the rules, check the files, run the examples."""

from __future__ import annotations

import difflib
import sys
from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from safeguard import wiring
from safeguard.cli import rule_examples, rule_shown, rules_own
from safeguard.cli.common import console, json_option, print_json, words
from safeguard.cli.rule_shown import demand, entry_words, no_rule
from safeguard.errors import Problem
from safeguard.language import N_, _, n_
from safeguard.ruleset.model import LANGS, CompiledRules, Context, Frame, ListRule
from safeguard.system.own_entry import over
from safeguard.system.own_lists import OwnLists
from safeguard.system.own_rules import OwnRules
from safeguard.system.terminal import safe


@click.group()
def rules() -> None:
    """Look at the rules, change and check your own, test them.

    \b
    Example:
      safeguard rules add "some bad phrase"
      safeguard rules show incitement.ought-kill
    """


for _command in (rules_own.add, rules_own.remove, rules_own.enable, rules_own.disable):
    rules.add_command(_command)


@rules.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def lint(files: tuple[Path, ...]) -> None:
    """Check the rule files, yours together with the shipped ones, or FILES alone; every error at once. Exit code 1 for errors.

    \b
    Example:
      safeguard rules lint
      safeguard rules lint my-rules.yaml
    """
    problems, count = wiring.lint_rules(wiring.load_settings(), list(files))
    for problem in problems:
        what = _("warning: %(what)s", what=problem.what) if problem.warning else problem.what
        click.echo(safe(str(Problem(problem.file, problem.line, what))))
    warnings = sum(p.warning for p in problems)
    also = ", " + n_("%(n)s warning", "%(n)s warnings", warnings) if warnings else ""
    if len(problems) > warnings:
        click.echo(n_("%(n)s problem", "%(n)s problems", len(problems) - warnings) + also)
        raise SystemExit(1)
    click.echo(_("%(files)s: no problems", files=n_("%(n)s file", "%(n)s files", count)) + also)


@rules.command("list")
@json_option
def list_(as_json: bool) -> None:
    """All rules, the contexts that switch them off, your own lists, and the rules you switched off.

    \b
    Example:
      safeguard rules list
    """
    settings = wiring.load_settings()
    compiled = wiring.compiled_rules(settings)
    own = OwnRules(wiring.own_rules(settings))
    off, until = own.disabled(), own.expiring()
    ended = [e for part in OwnLists(wiring.own_rules(settings)).read()[0] for e in part.entries if over(e.expires)]
    if as_json:
        for rule in _all(compiled):
            print_json(_as_dict(rule))
        for entry in compiled.lists:
            print_json(_entry_dict(entry))
        for entry in ended:
            print_json(_entry_dict(entry) | {"ended": True})
        for id_ in off:
            print_json({"id": id_, "kind": "disabled"})
        for id_, day in until.items():
            print_json({"id": id_, "kind": "until", "until": day, "ended": over(day)})
        return
    tell = wiring.rules_say()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in (N_("id"), N_("category"), N_("severity"), N_("why")):
        table.add_column(_(title), no_wrap=title == "id")
    for frame in compiled.findings:
        table.add_row(*(Text(safe(c)) for c in (frame.id, words(frame.category), str(frame.severity), tell(frame.why))))
    for context in compiled.contexts:
        table.add_row(*(Text(safe(c), style="dim") for c in (context.id, _("switches off"), "", tell(context.why))))
    for entry in compiled.lists:
        table.add_row(*(Text(safe(c)) for c in (entry.id, _("your list"), "", _entry_words(entry))))
    for entry in ended:
        table.add_row(*(Text(safe(c), style="dim") for c in (entry.id, _("has ended"), "", _entry_words(entry))))
    for id_, day in until.items():
        ends = _("has ended") if over(day) else _("ends")
        table.add_row(*(Text(safe(c), style="dim") for c in (id_, ends, "", _("its last day: %(day)s", day=day))))
    for id_ in off:
        by = _("by you; %(command)s", command=f"safeguard rules enable {id_}")
        table.add_row(*(Text(safe(c), style="dim") for c in (id_, _("switched off"), "", by)))
    console().print(table)


@rules.command()
@click.argument("id_", metavar="ID")
@json_option
def show(id_: str, as_json: bool) -> None:
    """What a rule or context needs, some of its words, its examples in every language it covers; or the entries of a list of yours.

    \b
    Example:
      safeguard rules show incitement.ought-kill
    """
    settings = wiring.load_settings()
    compiled = wiring.compiled_rules(settings)
    entries = [e for e in compiled.lists if e.id == id_]
    for entry in entries:
        if as_json:
            print_json(_entry_dict(entry))
        else:
            click.echo(safe(_entry_words(entry)))
    if entries:
        return
    rule = next((r for r in _all(compiled) if r.id == id_), None)
    if rule is None:
        raise no_rule(id_, difflib.get_close_matches(id_, [r.id for r in _all(compiled)], 3, 0.75))
    examples = [e for e in compiled.examples if e.rule == id_]
    if as_json:
        print_json(_as_dict(rule) | {"examples": [{"lang": e.lang, "text": e.text, "hit": e.hit, "todo": e.todo} for e in examples]})
        return
    out = console()
    for line in rule_shown.shown(rule, examples, wiring.load_rule_files(settings).rules, wiring.rules_say()):
        out.print(line)


@rules.command("test")
@json_option
def test_(as_json: bool) -> None:
    """Run the examples of all rules. Exit code 1 where one fails.

    \b
    Example:
      safeguard rules test
    """
    compiled = wiring.compiled_rules(wiring.load_settings())
    outcomes = rule_examples.run(wiring.engine_of(compiled), compiled)
    bar = Console(stderr=True)
    done = list(track(outcomes, _("examples"), len(compiled.examples), console=bar, transient=True, disable=not sys.stderr.isatty()))
    failed = [o for o in done if o.failed]
    if as_json:
        for o in done:
            e = o.example
            print_json({"rule": e.rule, "lang": e.lang, "text": e.text, "demand": demand(e), "ok": o.ok, "file": e.file, "line": e.line})
    else:
        for o in failed:
            wanted = _("must be a %(demand)s", demand=demand(o.example))
            where = Problem(o.example.file, o.example.line, f"{o.example.rule} {o.example.lang}: {wanted}: {o.example.text}")
            click.echo(safe(str(where)))
        _table(compiled, done)
        gaps = sum(o.example.todo and not o.ok for o in done)
        counts = (
            n_("%(n)s example", "%(n)s examples", len(done)),
            _("%(count)s failed", count=len(failed)),
            n_("%(n)s known gap", "%(n)s known gaps", gaps),
        )
        click.echo(", ".join(counts))
    raise SystemExit(bool(failed))


def _table(compiled: CompiledRules, done: list[rule_examples.Outcome]) -> None:
    """Held of all, by category and language; known gaps count as not held."""
    category = {f.id: words(f.category) for f in compiled.findings} | {c.id: _("contexts") for c in compiled.contexts}
    other, all_ = _("other"), _("all")
    held: Counter[tuple[str, str]] = Counter()
    every: Counter[tuple[str, str]] = Counter()
    for o in done:
        for key in ((category.get(o.example.rule, other), o.example.lang), (all_, o.example.lang)):
            every[key] += 1
            held[key] += o.ok
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_("category"))
    for lang in LANGS:
        table.add_column(lang, justify="right")
    for name in [*sorted({c for c, lang in every} - {all_}), all_]:
        cells = ((held[name, lang], every[name, lang]) for lang in LANGS)
        table.add_row(name, *(_("%(held)s of %(all)s", held=some, all=of) if of else "" for some, of in cells))
    console().print(table)


def _all(compiled: CompiledRules) -> list[Frame | Context]:
    return [*compiled.findings, *compiled.contexts]


def _entry_words(entry: ListRule) -> str:
    said = entry_words(entry.what, entry.value, entry.expires)
    return _("hides: %(entry)s", entry=said) if entry.hide else _("always shows: %(entry)s", entry=said)


def _entry_dict(entry: ListRule) -> dict[str, object]:
    action = "hide" if entry.hide else "allow"
    out: dict[str, object] = {"id": entry.id, "kind": "list", "what": entry.what, "value": entry.value, "action": action}
    return out | {"until": entry.expires, "lang": entry.lang}


def _as_dict(rule: Frame | Context) -> dict[str, object]:
    out: dict[str, object] = {"id": rule.id, "kind": "rule" if isinstance(rule, Frame) else "context", "why": rule.why}
    if isinstance(rule, Frame):
        out |= {"category": rule.category, "severity": rule.severity, "score": rule.score}
    return out | {"file": rule.file, "line": rule.line}

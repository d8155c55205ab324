"""`safeguard rules add | remove | enable | disable`: a family's own rules, written without an editor. Shipped files are never touched."""

from __future__ import annotations

import re
import sys

import click

from safeguard import wiring
from safeguard.cli import rule_preview
from safeguard.cli.common import json_option, print_json, say
from safeguard.cli.guarded import guarded
from safeguard.cli.log_entry import opened
from safeguard.config import Settings
from safeguard.errors import InputError, StoreError
from safeguard.matching.verdict import Category
from safeguard.policy.incident import Incident
from safeguard.policy.preview import Preview, preview
from safeguard.ruleset.model import LANGS, CompiledRules, ListRule
from safeguard.system import everyday, own_entry
from safeguard.system.own_entry import Wrong
from safeguard.system.own_rules import OwnRules, Place, hand_written
from safeguard.system.paths import Paths
from safeguard.system.private import NotPrivate
from safeguard.system.terminal import safe

NAMES = {"exact": "text", "regex": "pattern", "fuzzy": "misspelt text"}  # where the option says it otherwise
MOST_ENTRIES = 100_000  # of the log, that a preview looks at
SOON = "A running filter takes it up within a few seconds."


@click.command()
@click.argument("text")
@click.option("--word", "what", flag_value="word", help="A word in all its forms; `begin*` for every word that begins so.")
@click.option("--phrase", "what", flag_value="phrase", help="Several words in this order, each in all its forms.")
@click.option("--exact", "what", flag_value="exact", help="A word or words in just this form.")
@click.option("--regex", "what", flag_value="regex", help="A regular expression (Python's `regex`); one that takes too long is cut off.")
@click.option("--fuzzy", "what", flag_value="fuzzy", help="A word or words in all their forms, also misspelt.")
@click.option("--account", "what", flag_value="account", help="Everything this account writes.")
@click.option("--link", "what", flag_value="link", help="Every text with this address, or this part of one.")
@click.option("--hashtag", "what", flag_value="hashtag", help="Every text with this hashtag.")
@click.option("--allow", "allow", is_flag=True, help="Show such texts whatever else is found in them, instead of hiding them.")
@click.option("--until", metavar="DATE", default="", help="Last day it holds, such as 2027-01-31; for ever unless given.")
@click.option("--list", "name", metavar="NAME", default="own", show_default=True, help="List it goes to; the log names it.")
@click.option("--lang", default="", help="Language whose forms a word takes, en, ru, tr, az or hy; guessed from its letters unless given.")
@click.option("--dry-run", is_flag=True, help="Only show what it would change; write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask, even where it would hide harmless texts.")
@json_option
@guarded(when=lambda given: given["allow"])  # shows what was hidden, and prints it from the log even in a --dry-run
def add(text: str, what: str | None, allow: bool, until: str, name: str, lang: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Hide a word, a phrase, an account, a link or a hashtag; or, with --allow, always show it.

    Unless you say what TEXT is: `#…` is a hashtag, `@…` an account, `https://…` a link, several words a phrase, anything else a word.
    A word is written once and found in all its forms, in whatever letters it is disguised; `^word` only with these very letters (sık, not
    sik). Shown at once: the forms, what would change in your log, and which of our everyday harmless texts would be hidden; where there
    are such, you are asked.

    \b
    Example:
      safeguard rules add "some bad phrase"
      safeguard rules add --dry-run --lang tr --word dolandırıcı
      safeguard rules add --regex "bad ?(thing|stuff)s?" --until 2027-01-31
      safeguard rules add @some_account --list school
    """
    value = own_entry.tidy(text)
    kind = what or own_entry.guess(value)
    place = Place(_checked_name(name), not allow, _checked_date(until), _checked_lang(lang))
    _check(kind, value)
    settings = wiring.load_settings()
    own = OwnRules(wiring.own_rules(settings))
    data = own.with_entry(place, own_entry.KEYS[kind], value)
    path = own.path(place)
    said: dict[str, object] = {
        "kind": kind,
        "value": value,
        "list": place.name,
        "action": "allow" if allow else "hide",
        "until": place.until,
    }
    if data is None:
        if as_json:
            print_json(said | {"file": str(path), "added": False, "already": True})
        else:
            click.echo(f"The {NAMES.get(kind, kind)} {_shown(value)} is in the list {place.name} already.")
        return
    problems = [p for p in wiring.lint_named([(str(path), data)]) if not p.warning]
    if problems:
        raise InputError("\n".join(safe(str(p)) for p in problems))
    made = _preview(settings, ListRule(f"list.{place.name}", kind, value, place.hide, place.until, place.lang))
    if as_json:
        if not dry_run:
            own.write(path, data)
        print_json(said | {"file": str(path), "added": not dry_run, "already": False} | rule_preview.as_dict(made))
        return
    rule_preview.show(made)
    if dry_run:
        click.echo("Nothing was written (--dry-run).")
        return
    if made.doubtful and not yes and at_a_terminal() and not click.confirm("Add it all the same?"):
        click.echo("Nothing was written.")
        raise SystemExit(1)
    own.write(path, data)
    done = "Always shows" if allow else "Hides"
    what_for = f"{NAMES.get(kind, kind)} {_shown(value)}{', until ' + place.until if place.until else ''}"
    click.echo(f"{done} the {what_for}; written to {safe(str(path))}")
    click.echo(f"{SOON} Take it back with: safeguard rules remove {_quoted(value)}")


def at_a_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def _preview(settings: Settings, rule: ListRule) -> Preview:
    """What the entry would change; a log that cannot be read is said, and no reason to refuse the entry."""
    entries: list[Incident] = []
    problem = ""
    if settings.store_url or Paths.of_user().log.exists():
        try:
            with opened() as store:
                entries = [e.incident for e in store.entries(MOST_ENTRIES)]
        except (StoreError, NotPrivate) as e:
            problem = f"the log cannot be read ({e})"
    return preview(wiring.compiled_rules(settings), rule, entries, everyday.texts(), problem)


@click.command()
@click.argument("text")
@guarded()
def remove(text: str) -> None:
    """Take back what `safeguard rules add` added, from every list of yours.

    \b
    Example:
      safeguard rules remove "some bad phrase"
    """
    settings = wiring.load_settings()
    own = OwnRules(wiring.own_rules(settings))
    value = own_entry.tidy(text)
    gone = own.remove(value)
    for path in gone:
        click.echo(f"{_shown(value)} removed from {safe(str(path))}")
    if not gone:
        where = hand_written(wiring.load_rule_files(settings).rules, value, own.folder)
        hint = (
            f"it stands in {', '.join(where)}, a file not written by a command: remove it there" if where else "it is in no list of yours"
        )
        raise InputError(f"{_shown(value)}: {safe(hint)}")
    click.echo(SOON)


@click.command()
@click.argument("rule", metavar="ID")
@guarded()
def disable(rule: str) -> None:
    """Switch a rule off (or a context, or a list: list.NAME); `safeguard rules list` names them.

    \b
    Example:
      safeguard rules disable incitement.ought-kill
    """
    settings = wiring.load_settings()
    own = OwnRules(wiring.own_rules(settings))
    compiled = wiring.compiled_rules(settings)
    if rule in own.disabled():
        click.echo(f"{safe(rule)} is off already.")
        return
    if rule not in _ids(compiled):
        raise InputError(f"no rule {safe(rule)!r}; `safeguard rules list` lists them")
    own.disable(rule, True)
    if any(f.id == rule and f.category == Category.PERSONAL_THREAT for f in compiled.findings):
        say("warning: this rule finds personal threats; what it alone finds will be shown")
    click.echo(f"{safe(rule)} is off; written to {safe(str(own.folder))}. {SOON} Take it back with: safeguard rules enable {_quoted(rule)}")


@click.command()
@click.argument("rule", metavar="ID")
@click.option("--until", metavar="DATE", default="", help="Last day it holds, such as 2027-01-31; for ever unless given.")
@guarded()  # a context, or a list that allows, shows more when it is on
def enable(rule: str, until: str) -> None:
    """Switch a rule or a list on again that was switched off or has ended; with --until, set the last day it holds.

    \b
    Example:
      safeguard rules enable incitement.ought-kill
      safeguard rules enable list.school --until 2027-01-31
    """
    last = _checked_date(until)
    settings = wiring.load_settings()
    own = OwnRules(wiring.own_rules(settings))
    if until and rule not in own.disabled() and rule not in own.expiring() and rule not in _ids(wiring.compiled_rules(settings)):
        raise InputError(f"no rule {safe(rule)!r}; `safeguard rules list` lists them")
    changed = own.disable(rule, False)
    if own.expire(rule, last) or changed:
        click.echo(f"{safe(rule)} is on{f', until {last}' if last else ''}. {SOON}")
        return
    if where := hand_written(wiring.load_rule_files(settings).rules, rule, own.folder):
        raise InputError(f"{safe(rule)}: is switched off in {safe(', '.join(where))}, a file not written by a command: mend it there")
    if rule not in _ids(wiring.compiled_rules(settings)):
        raise InputError(f"no rule {safe(rule)!r}; `safeguard rules list` lists them")
    click.echo(f"{safe(rule)} is on already.")


def _ids(rules: CompiledRules) -> set[str]:
    return {r.id for r in rules.findings} | {c.id for c in rules.contexts} | {e.id for e in rules.lists}


def _checked_name(name: str) -> str:
    if not own_entry.is_name(name):
        raise InputError(f"--list {safe(name)!r}: a name is 1 to 40 small letters, digits and hyphens, such as school")
    return name


def _checked_lang(lang: str) -> str:
    if lang and lang not in LANGS:
        raise InputError(f"--lang {safe(lang)!r}: the languages are {', '.join(LANGS)}")
    return lang


def _checked_date(until: str) -> str:
    if not until:
        return ""
    day = own_entry.day(until)
    if day is None:
        raise InputError(f"--until {safe(until)!r}: a date is written like 2027-01-31")
    if own_entry.over(until):
        raise InputError(f"--until {day}: is over already")
    return day.isoformat()


def _check(kind: str, value: str) -> None:
    """Raises InputError for what could find nothing, or everything."""
    shown = f"{kind} {_shown(value)}"
    match own_entry.wrong(kind, value):
        case None:
            return
        case Wrong.INVISIBLE, _:
            raise InputError(f"{shown}: has invisible or control characters; type it again without them")
        case Wrong.LONG, length:
            raise InputError(f"the {kind} has {length} characters, more than {own_entry.MOST}")
        case Wrong.PATTERN, why:
            raise InputError(f"{shown}: no usable regular expression ({why})")
        case Wrong.EVERYTHING, _:
            raise InputError(f"{shown}: fits an empty text, so it would hide everything")
        case Wrong.LINK, _:
            raise InputError(f"{shown}: an address has at least four characters and a dot, such as example.org/page")
        case Wrong.ACCOUNT, _:
            raise InputError(f"{shown}: an account has a name")
        case Wrong.SHORT, begin:
            raise InputError(f"{shown}: would hide every word that begins with {_shown(begin)}; give at least three letters")
        case _:
            raise InputError(f"{shown}: has no word in it that could be found")


def _shown(value: str) -> str:
    return f"“{safe(value)}”"


def _quoted(value: str) -> str:
    """As it is typed in a shell."""
    return value if re.fullmatch(r"[\w@.-]+", value) else "'" + safe(value).replace("'", "'\\''") + "'"

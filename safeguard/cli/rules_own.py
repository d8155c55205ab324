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
from safeguard.cli.rule_shown import entry_words, no_rule, quote
from safeguard.config import Settings
from safeguard.errors import InputError, StoreError
from safeguard.language import N_, _
from safeguard.matching.verdict import Category
from safeguard.policy.incident import Incident
from safeguard.policy.preview import Preview, Tries, preview
from safeguard.ruleset.model import LANGS, CompiledRules, ListRule
from safeguard.system import everyday, own_entry
from safeguard.system.own_entry import Wrong
from safeguard.system.own_rules import OwnRules, Place, hand_written
from safeguard.system.paths import Paths
from safeguard.system.private import NotPrivate
from safeguard.system.terminal import safe

WRONG = {
    Wrong.INVISIBLE: N_("has invisible or control characters; type it again without them"),
    Wrong.EVERYTHING: N_("fits an empty text, so it would hide everything"),
    Wrong.LINK: N_("an address has at least four characters and a dot, such as example.org/page"),
    Wrong.ACCOUNT: N_("an account has a name"),
    Wrong.WORDLESS: N_("has no word in it that could be found"),
}
MOST_ENTRIES = 100_000  # of the log, that a preview looks at
SOON = N_("A running filter takes it up within a few seconds.")


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
            click.echo(_("In the list %(list)s already: %(entry)s.", list=place.name, entry=entry_words(kind, value)))
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
        click.echo(_("Nothing was written (--dry-run)."))
        return
    if made.doubtful and not yes and at_a_terminal() and not click.confirm(_("Add it all the same?")):
        click.echo(_("Nothing was written."))
        raise SystemExit(1)
    own.write(path, data)
    entry, file = entry_words(kind, value, place.until), safe(str(path))
    if allow:
        click.echo(_("Always shown from now on: %(entry)s; written to %(file)s", entry=entry, file=file))
    else:
        click.echo(_("Hidden from now on: %(entry)s; written to %(file)s", entry=entry, file=file))
    click.echo(f"{_(SOON)} {_back(f'safeguard rules remove {_quoted(value)}')}")


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
            problem = _("the log cannot be read (%(why)s)", why=e)
    return preview(Tries(wiring.compiled_rules(settings), everyday.texts()), rule, entries, problem)


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
        click.echo(_("%(entry)s removed from %(file)s", entry=quote(value), file=safe(str(path))))
    if not gone:
        where = hand_written(wiring.load_rule_files(settings).rules, value, own.folder)
        if where:
            files = safe(", ".join(where))
            hint = _("it stands in %(files)s, a file not written by a command: remove it there", files=files)
        else:
            hint = _("it is in no list of yours")
        raise InputError(f"{quote(value)}: {hint}")
    click.echo(_(SOON))


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
        click.echo(_("%(rule)s is off already.", rule=safe(rule)))
        return
    if rule not in _ids(compiled):
        raise no_rule(rule)
    own.disable(rule, True)
    if any(f.id == rule and f.category == Category.PERSONAL_THREAT for f in compiled.findings):
        say(_("warning: this rule finds personal threats; what it alone finds will be shown"))
    done = _("%(rule)s is off; written to %(file)s.", rule=safe(rule), file=safe(str(own.folder)))
    click.echo(f"{done} {_(SOON)} {_back(f'safeguard rules enable {_quoted(rule)}')}")


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
        raise no_rule(rule)
    changed = own.disable(rule, False)
    if own.expire(rule, last) or changed:
        on = _("%(rule)s is on, until %(day)s.", rule=safe(rule), day=last) if last else _("%(rule)s is on.", rule=safe(rule))
        click.echo(f"{on} {_(SOON)}")
        return
    if where := hand_written(wiring.load_rule_files(settings).rules, rule, own.folder):
        files = safe(", ".join(where))
        raise InputError(
            _("%(rule)s: is switched off in %(files)s, a file not written by a command: mend it there", rule=safe(rule), files=files)
        )
    if rule not in _ids(wiring.compiled_rules(settings)):
        raise no_rule(rule)
    click.echo(_("%(rule)s is on already.", rule=safe(rule)))


def _ids(rules: CompiledRules) -> set[str]:
    return {r.id for r in rules.findings} | {c.id for c in rules.contexts} | {e.id for e in rules.lists}


def _checked_name(name: str) -> str:
    if not own_entry.is_name(name):
        raise InputError(_("--list %(name)s: a name is 1 to 40 small letters, digits and hyphens, such as school", name=repr(safe(name))))
    return name


def _checked_lang(lang: str) -> str:
    if lang and lang not in LANGS:
        raise InputError(_("--lang %(lang)s: the languages are %(langs)s", lang=repr(safe(lang)), langs=", ".join(LANGS)))
    return lang


def _checked_date(until: str) -> str:
    if not until:
        return ""
    day = own_entry.day(until)
    if day is None:
        raise InputError(_("--until %(day)s: a date is written like 2027-01-31", day=repr(safe(until))))
    if own_entry.over(until):
        raise InputError(_("--until %(day)s: is over already", day=day))
    return day.isoformat()


def _check(kind: str, value: str) -> None:
    """Raises InputError for what could find nothing, or everything."""
    found = own_entry.wrong(kind, value)
    if found is None:
        return
    wrong, detail = found
    if wrong is Wrong.LONG:
        raise InputError(_("it has %(length)s characters, more than %(most)s", length=detail, most=own_entry.MOST))
    if wrong is Wrong.PATTERN:
        why = _("no usable regular expression (%(why)s)", why=detail)
    elif wrong is Wrong.SHORT:
        why = _("would hide every word that begins with %(begin)s; give at least three letters", begin=quote(detail))
    else:
        why = _(WRONG[wrong])
    raise InputError(f"{entry_words(kind, value)}: {why}")


def _back(command: str) -> str:
    return _("Take it back with: %(command)s", command=command)


def _quoted(value: str) -> str:
    """As it is typed in a shell."""
    return value if re.fullmatch(r"[\w@.-]+", value) else "'" + safe(value).replace("'", "'\\''") + "'"

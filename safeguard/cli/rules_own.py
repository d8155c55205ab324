"""`safeguard rules add | remove | enable | disable`: a family's own rules, written without an editor. Shipped files are never touched."""

from __future__ import annotations

import re
from datetime import date

import click
import regex

from safeguard import wiring
from safeguard.cli.common import say
from safeguard.cli.rule_warnings import hidden_name
from safeguard.errors import InputError
from safeguard.matching.verdict import Category
from safeguard.ruleset.model import CompiledRules, ListRule
from safeguard.system.own_rules import OwnRules, Place, hand_written
from safeguard.system.terminal import safe
from safeguard.text.tokens import tokenize
from safeguard.text.unit import Segment

KEYS = {
    "word": "words",
    "phrase": "phrases",
    "regex": "regex",
    "fuzzy": "fuzzy",
    "account": "accounts",
    "link": "links",
    "hashtag": "hashtags",
}
MOST = 500  # characters of one entry
SOON = "A running filter takes it up within a few seconds."


@click.command()
@click.argument("text")
@click.option("--word", "what", flag_value="word", help="A word in just this form; `begin*` for every word that begins so.")
@click.option("--phrase", "what", flag_value="phrase", help="Several words in this order.")
@click.option("--regex", "what", flag_value="regex", help="A regular expression (Python's `regex`); one that takes too long is cut off.")
@click.option("--fuzzy", "what", flag_value="fuzzy", help="A word or words, also misspelt.")
@click.option("--account", "what", flag_value="account", help="Everything this account writes.")
@click.option("--link", "what", flag_value="link", help="Every text with this address, or this part of one.")
@click.option("--hashtag", "what", flag_value="hashtag", help="Every text with this hashtag.")
@click.option("--allow", "allow", is_flag=True, help="Show such texts whatever else is found in them, instead of hiding them.")
@click.option("--until", metavar="DATE", default="", help="Last day it holds, such as 2027-01-31; for ever unless given.")
@click.option("--list", "name", metavar="NAME", default="own", show_default=True, help="List it goes to; the log names it.")
def add(text: str, what: str | None, allow: bool, until: str, name: str) -> None:
    """Hide a word, a phrase, an account, a link or a hashtag; or, with --allow, always show it.

    Unless you say what TEXT is: `#…` is a hashtag, `@…` an account, `https://…` a link, several words a phrase, anything else a word.

    \b
    Example:
      safeguard rules add "some bad phrase"
      safeguard rules add --regex "bad ?(thing|stuff)s?" --until 2027-01-31
      safeguard rules add @some_account --list school
    """
    value = " ".join(text.split())
    kind = what or _guess(value)
    place = Place(_checked_name(name), not allow, _checked_date(until))
    _check(kind, value)
    settings = wiring.load_settings()
    own = OwnRules(wiring.own_rules(settings))
    data = own.with_entry(place, KEYS[kind], value)
    done = "Always shows" if allow else "Hides"
    if data is None:
        click.echo(f"The {kind} {_shown(value)} is in the list {place.name} already.")
        return
    path = own.path(place)
    problems = wiring.lint_named([(str(path), data)])
    if problems:
        raise InputError("\n".join(safe(str(p)) for p in problems))
    group = hidden_name(wiring.compiled_rules(settings), ListRule(f"list.{place.name}", kind, value, place.hide))
    own.write(path, data)
    if group:
        say(f"warning: this hides the bare name of a group ({group}), so news and ordinary talk of it too")
    click.echo(f"{done} the {kind} {_shown(value)}{', until ' + place.until if place.until else ''}; written to {safe(str(path))}")
    click.echo(f"{SOON} Take it back with: safeguard rules remove {_quoted(value)}")


@click.command()
@click.argument("text")
def remove(text: str) -> None:
    """Take back what `safeguard rules add` added, from every list of yours.

    \b
    Example:
      safeguard rules remove "some bad phrase"
    """
    settings = wiring.load_settings()
    own = OwnRules(wiring.own_rules(settings))
    value = " ".join(text.split())
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
    if any(f.id == rule and f.category == Category.PERSONAL_THREAT for f in compiled.frames):
        say("warning: this rule finds personal threats; what it alone finds will be shown")
    click.echo(f"{safe(rule)} is off; written to {safe(str(own.folder))}. {SOON} Take it back with: safeguard rules enable {_quoted(rule)}")


@click.command()
@click.argument("rule", metavar="ID")
def enable(rule: str) -> None:
    """Switch a rule on again that `safeguard rules disable` switched off.

    \b
    Example:
      safeguard rules enable incitement.ought-kill
    """
    settings = wiring.load_settings()
    own = OwnRules(wiring.own_rules(settings))
    if own.disable(rule, False):
        click.echo(f"{safe(rule)} is on. {SOON}")
        return
    if where := hand_written(wiring.load_rule_files(settings).rules, rule, own.folder):
        raise InputError(f"{safe(rule)}: is switched off in {safe(', '.join(where))}, a file not written by a command: mend it there")
    if rule not in _ids(wiring.compiled_rules(settings)):
        raise InputError(f"no rule {safe(rule)!r}; `safeguard rules list` lists them")
    click.echo(f"{safe(rule)} is on already.")


def _ids(rules: CompiledRules) -> set[str]:
    return {r.id for r in rules.frames} | {c.id for c in rules.contexts} | {e.id for e in rules.lists}


def _guess(value: str) -> str:
    if value.startswith("#"):
        return "hashtag"
    if value.startswith("@"):
        return "account"
    if re.match(r"https?://", value):
        return "link"
    return "phrase" if " " in value else "word"


def _checked_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        raise InputError(f"--list {safe(name)!r}: a name is 1 to 40 small letters, digits and hyphens, such as school")
    return name


def _checked_date(until: str) -> str:
    if not until:
        return ""
    try:
        day = date.fromisoformat(until)
    except ValueError as e:
        raise InputError(f"--until {safe(until)!r}: a date is written like 2027-01-31") from e
    if day < date.today():
        raise InputError(f"--until {day}: is over already")
    return day.isoformat()


def _check(kind: str, value: str) -> None:
    """Raises InputError for what could find nothing, or everything."""
    shown = f"{kind} {_shown(value)}"
    if safe(value) != value:
        raise InputError(f"{shown}: has invisible or control characters; type it again without them")
    if len(value) > MOST:
        raise InputError(f"the {kind} has {len(value)} characters, more than {MOST}")
    if kind == "regex":
        try:
            everything = regex.compile(value, regex.IGNORECASE | regex.V1).search("", timeout=1)
        except regex.error as e:
            raise InputError(f"{shown}: no regular expression ({e})") from e
        except TimeoutError as e:
            raise InputError(f"{shown}: takes too long on an empty text") from e
        if everything or not value:
            raise InputError(f"{shown}: fits an empty text, so it would hide everything")
    elif kind == "link":
        if len(value) < 4 or "." not in value:
            raise InputError(f"{shown}: an address has at least four characters and a dot, such as example.org/page")
    elif kind == "account":
        if not value.lstrip("@"):
            raise InputError(f"{shown}: an account has a name")
    elif not any(c.isalnum() for w in tokenize((Segment(value.rstrip("*")),)).word for c in w) and not _symbols(value):
        raise InputError(f"{shown}: has no word in it that could be found")
    elif kind == "word" and value.endswith("*") and len(value) < 4:
        raise InputError(f"{shown}: would hide every word that begins with {_shown(value[:-1])}; give at least three letters")


def _symbols(value: str) -> bool:
    """Whether it is made of emoji or the like, which can be found too."""
    return bool(tokenize((Segment(value),)).word) and any(ord(c) > 0x2000 for c in value)


def _shown(value: str) -> str:
    return f"“{safe(value)}”"


def _quoted(value: str) -> str:
    """As it is typed in a shell."""
    return value if re.fullmatch(r"[\w@.-]+", value) else "'" + safe(value).replace("'", "'\\''") + "'"

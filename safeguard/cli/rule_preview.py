"""Prints what an entry of a family's list would change (policy/preview), for a parent or for scripts."""

from __future__ import annotations

import click

from safeguard.cli.common import console, marked, say
from safeguard.cli.log_entry import words
from safeguard.policy.preview import FORMS, Preview, count, forms, shaped
from safeguard.system.terminal import safe

LANGUAGES = {"en": "English", "ru": "Russian", "tr": "Turkish", "az": "Azerbaijani", "hy": "Armenian"}
SHOWN = 5  # texts that are shown, of the log and of each language
NOT_STORED = "Texts that were shown are not stored: of the past, only those in which something was found can be looked at."


def show(made: Preview) -> None:
    """Prints it for a parent."""
    hide = made.rule.hide
    for word in made.words:
        if shaped(word):
            found = count(word)
            langs = ", ".join(LANGUAGES[lang] for lang in word.langs)
            more = f", and {found - FORMS} more" if found > FORMS else ""
            click.echo(f"Found as{f' ({langs})' if langs else ''}: {safe(', '.join(forms(word)))}{more}")
    out = console()
    if made.log_problem:
        say(f"warning: {made.log_problem}; what it would change there is not known")
    elif not made.log_size:
        click.echo("Your log is empty.")
    else:
        done = "would be hidden from now on" if hide else "would be shown from now on"
        click.echo(f"In your log: found in {len(made.log)} of {made.log_size} entries; {len(made.changed)} of them {done}.")
        for i, met in made.changed[:SHOWN]:
            out.print(f"  {safe(i.code)}  {safe(i.site)}  {words(i.action)}  ", end="")
            out.print(marked(met.text, met.spans))
    click.echo(NOT_STORED)
    if made.everyday and hide:
        counts = ", ".join(f"{LANGUAGES[lang]} {len(hit)} of {size}" for lang, (hit, size) in made.everyday.items())
        click.echo(f"In everyday harmless texts it would hide: {counts}.")
        for harmless, _ in made.everyday.values():
            for f in harmless[:SHOWN]:
                out.print("  ", end="")
                out.print(marked(f.text, f.spans))
    if made.slow:
        say("warning: the pattern takes too long on some texts; there it is cut off and finds nothing")
    if made.group:
        say(f"warning: this hides the bare name of a group ({made.group}), so news and ordinary talk of it too")


def as_dict(made: Preview) -> dict[str, object]:
    """It for scripts."""
    changed = {i.code for i, _ in made.changed}
    return {
        "words": [{"word": w.word, "langs": list(w.langs), "forms": forms(w, 500)} for w in made.words],
        "log": {
            "entries": made.log_size,
            "found": [{"code": i.code, "action": i.action, "changes": i.code in changed} for i, _ in made.log],
            "problem": made.log_problem or None,
        },
        "everyday": {
            lang: {"texts": size, "found": [{"text": f.text, "spans": list(f.spans)} for f in found]}
            for lang, (found, size) in made.everyday.items()
        },
        "group": made.group or None,
        "slow": made.slow,
    }

"""Prints what an entry of a family's list would change (policy/preview), for a parent or for scripts."""

from __future__ import annotations

import click

from safeguard import wiring
from safeguard.cli.common import console, done, marked, say
from safeguard.cli.rule_shown import LANGUAGES
from safeguard.language import N_, _
from safeguard.policy.preview import FORMS, Preview, count, forms, shaped
from safeguard.system.terminal import safe

SHOWN = 5  # texts that are shown, of the log and of each language
WOULD_HIDE = N_("In your log: found in %(found)s of %(entries)s entries; %(changed)s of them would be hidden from now on.")
WOULD_SHOW = N_("In your log: found in %(found)s of %(entries)s entries; %(changed)s of them would be shown from now on.")
NOT_STORED = N_("Texts that were shown are not stored: of the past, only those in which something was found can be looked at.")


def show(made: Preview) -> None:
    """Prints it for a parent."""
    hide = made.rule.hide
    for word in made.words:
        if shaped(word):
            found = count(word)
            langs = ", ".join(_(LANGUAGES[lang]) for lang in word.langs)
            told = safe(", ".join(forms(word)))
            if found > FORMS:
                told += f", {_('and %(count)s more', count=found - FORMS)}"
            click.echo(_("Found as (%(langs)s): %(forms)s", langs=langs, forms=told) if langs else _("Found as: %(forms)s", forms=told))
    out = console()
    if made.log_problem:
        say(_("warning: %(problem)s; what it would change there is not known", problem=made.log_problem))
    elif not made.log_size:
        click.echo(_("The log is empty."))
    else:
        told = WOULD_HIDE if hide else WOULD_SHOW
        click.echo(_(told, found=len(made.log), entries=made.log_size, changed=len(made.changed)))
        for i, met in made.changed[:SHOWN]:
            out.print(f"  {safe(i.code)}  {safe(i.site)}  {done(i.action)}  ", end="")
            out.print(marked(met.text, met.spans))
    click.echo(_(NOT_STORED))
    if made.everyday and hide:
        hits = ((lang, len(hit), size) for lang, (hit, size) in made.everyday.items())
        each = ", ".join(_("%(lang)s %(hit)s of %(all)s", lang=_(LANGUAGES[lang]), hit=hit, all=size) for lang, hit, size in hits)
        click.echo(_("In everyday harmless texts it would hide: %(counts)s.", counts=each))
        for harmless, __ in made.everyday.values():
            for f in harmless[:SHOWN]:
                out.print("  ", end="")
                out.print(marked(f.text, f.spans))
    if made.slow:
        say(_("warning: the pattern takes too long on some texts; there it is cut off and finds nothing"))
    if made.group:
        group = wiring.rules_say()(made.group)
        say(_("warning: this hides the bare name of a group (%(group)s), so news and ordinary talk of it too", group=group))


def as_dict(made: Preview) -> dict[str, object]:
    """It for scripts."""
    changed = {i.code for i, __ in made.changed}
    return {
        "words": [{"word": w.word, "langs": list(w.langs), "forms": forms(w, 500)} for w in made.words],
        "log": {
            "entries": made.log_size,
            "found": [{"code": i.code, "action": i.action, "changes": i.code in changed} for i, __ in made.log],
            "problem": made.log_problem or None,
        },
        "everyday": {
            lang: {"texts": size, "found": [{"text": f.text, "spans": list(f.spans)} for f in found]}
            for lang, (found, size) in made.everyday.items()
        },
        "group": made.group or None,
        "slow": made.slow,
    }

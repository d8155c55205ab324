"""The page of a package: one file, readable and printable anywhere; whatever came from outside is only ever text in it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from safeguard.evidence import names
from safeguard.evidence.recipient import Recipient
from safeguard.evidence.told import Told
from safeguard.language import N_, _, n_, spoken
from safeguard.policy.incident import DONE
from safeguard.system.terminal import safe

STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, "Noto Sans", "Noto Sans Armenian", "DejaVu Sans", sans-serif }
body { overflow-wrap: anywhere; max-width: 60rem; margin: 2rem auto; padding: 0 1rem } h1 { font-size: 1.6rem }
h2 { font-size: 1.2rem; border-top: 2px solid; padding-top: 1rem; margin-top: 2.5rem }
dl { display: grid; grid-template-columns: minmax(7rem, 12rem) minmax(0, 1fr); gap: .2rem 1rem } dt { font-weight: 600 } dd { margin: 0 }
.text { white-space: pre-wrap; border: 1px solid; border-left-width: .4rem; padding: .6rem .8rem; unicode-bidi: isolate }
.missing { font-style: italic } code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .9em }
@media (max-width: 36rem) { dl { grid-template-columns: minmax(0, 1fr) } dd { margin-bottom: .5rem } }
@media print {
  :root { color-scheme: light } @page { margin: 18mm }
  body { font-size: 10.5pt; max-width: none; margin: 0; padding: 0 }
  h2, dt { break-after: avoid } dl > dd, li { break-inside: avoid }
}
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"

_REVIEW = {"right": N_("rightly found"), "wrong": N_("found by mistake")}


ABOUT = N_(
    "SafeGuard is a program that hides hate and threats on social networks from a child and notes what it hid. "
    "The texts below were written by others. They are shown as they were met; characters that cannot be seen, "
    "or turn the direction of a line, are written as `\\u202e`. Nothing on this page leads anywhere."
)
PROOF = N_(
    "%(list)s beside this page has the SHA-256 digest of every file; each entry's digest includes the one before. "
    "The digest of that file is the digest of the whole: %(seal)s holds it, "
    "and whoever sent this package can tell it to you by another way. "
    "`safeguard report --verify` checks everything; without SafeGuard, %(check)s checks the list, and the list has what each other file "
    "must give. Digests show that nothing changed since the package was made, and only if you know the digest from the sender; "
    "they do not show who made it."
)


def render(
    records: Sequence[Mapping[str, Any]],
    made: str,
    made_local: str,
    never_kept: Sequence[str],
    recipient: Recipient | None,
    told: Told,
) -> bytes:
    """The page of these entries, as they stand in their files."""
    count = n_("%(n)s entry", "%(n)s entries", len(records))
    when = _("%(count)s of a family's log, made %(local)s (UTC: %(utc)s).", count=count, local=made_local, utc=made)
    if recipient:
        when += " " + _("It is for: %(whom)s.", whom=_(recipient.called))
    out = [
        f'<!doctype html>\n<html lang="{spoken()}">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n',
        f"<title>{_text(_('Evidence'))}: {_text(count)}</title>\n<style>{STYLE}</style>\n</head>\n",
        f"<body>\n<main>\n<h1>{_text(_('Evidence kept by SafeGuard'))}</h1>\n",
        f"<p>{_text(when)}</p>\n",
        f"<p>{_marked(_(ABOUT))}</p>\n",
        f"<h2>{_text(_('What was not kept'))}</h2>\n",
        _list([*never_kept, _("What else is missing is said at each entry.")]),
        f"<h2>{_text(_('Whether anything was changed'))}</h2>\n",
        f"<p>{_marked(_(PROOF, list=f'`{names.MANIFEST}`', seal=f'`{names.SEAL}`', check=f'`sha256sum -c {names.SEAL}`'))}</p>\n",
        *(_entry(record, told) for record in records),
        "</main>\n</body>\n</html>\n",
    ]
    return "".join(out).encode()


def _entry(record: Mapping[str, Any], told: Told) -> str:
    met = f"{record['first_met_local']} (UTC: {record['first_met']})"
    again = _(
        "%(local)s (UTC: %(utc)s), %(count)s times in all",
        local=record["last_met_local"],
        utc=record["last_met"],
        count=record["times_met"],
    )
    facts = (
        (_("Met"), met),
        (_("Last met"), again if record["times_met"] > 1 else ""),
        (_("Site"), record["site"]),
        (_("Address"), record["address"]),
        (_("Author"), record["author"]),
        (_("What it is"), _words(record["what_it_is"] or record["kind"])),
        (_("Category"), _("%(category)s, severity %(level)s of 3", category=_words(record["category"]), level=record["severity"])),
        (_("Group attacked"), told.group(record["group"])),
        (_("Rule"), record["rule"]),
        (_("Rules"), record["rules_version"]),
        (_("What was done"), _(DONE.get(record["what_was_done"], record["what_was_done"]))),
        (_("Child's account"), record["child"]),
        (_("The parent says"), _(_REVIEW.get(record["parent_says"], ""))),
    )
    answer = ""
    if record["answer"]:
        start, end = record["answer_bytes"][:2]
        size = _("%(count)s bytes", count=f"{end - start:,}")
        answer = (
            f"<p>{_text(_('The raw answer of the site'))}: <code>{record['answer']}</code>, {_text(size)}, "
            f"<bdi>{_text(record['answer_media'])}</bdi>, SHA-256 <code>{record['answer_sha256']}</code></p>\n"
        )
    rows = "".join(f'<dt>{_text(name)}</dt><dd dir="auto">{_text(value)}</dd>\n' for name, value in facts if value)
    number = _text(_("Entry %(number)s", number=record["number"]))
    return (
        f"<article>\n<h2>{number}: <code>{_text(record['code'])}</code></h2>\n<dl>\n{rows}</dl>\n"
        f'<div class="text" dir="auto">{_text(record["text"])}</div>\n{_findings(record["findings"], told)}{answer}'
        f'<div class="missing">{_list(record["not_kept"])}</div>\n</article>\n'
    )


def _findings(findings: Sequence[Mapping[str, Any]], told: Told) -> str:
    lines = []
    for f in findings:
        words = " … ".join(f"<b><bdi>{_text(w)}</bdi></b>" for w in f["words"])
        off = f"; {_text(_('not counted, because of'))} <bdi>{_text(f['not_counted_because'])}</bdi>" if f["not_counted_because"] else ""
        why = f"<br><bdi>{_text(told.say(f['why']))}</bdi>" if f["why"] and not off else ""
        lines.append(f"<li><bdi>{_text(f['rule'])}</bdi> ({_text(_words(f['category']))}): {words}{off}{why}</li>\n")
    return f"<p>{_text(_('The words that decided, by rule:'))}</p>\n<ul>\n{''.join(lines)}</ul>\n" if lines else ""


def _list(lines: Sequence[str]) -> str:
    return "<ul>\n" + "".join(f"<li>{_text(line)}</li>\n" for line in lines) + "</ul>\n" if lines else ""


def _words(name: str) -> str:
    return _(name.replace("_", " "))


def _marked(sentences: str) -> str:
    """Ours, with `code`."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(sentences))


def _text(value: object) -> str:
    """Text from outside: no markup, and nothing in it that is obeyed and not seen."""
    return escape(safe(str(value), lines=True))

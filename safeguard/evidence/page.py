"""The page of a package: one file, readable and printable anywhere; whatever came from outside is only ever text in it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from safeguard.evidence import names
from safeguard.evidence.recipient import Recipient
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

_REVIEW = {"right": "rightly found", "wrong": "found by mistake"}


def render(
    records: Sequence[Mapping[str, Any]], made: str, made_local: str, never_kept: Sequence[str], recipient: Recipient | None = None
) -> bytes:
    """The page of these entries, as they stand in their files."""
    count = f"{len(records)} {'entry' if len(records) == 1 else 'entries'}"
    whom = f"for {recipient.called} " if recipient else ""
    out = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n',
        f"<title>Evidence: {count}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Evidence kept by SafeGuard</h1>\n",
        f"<p>{count} of a family's log, made {whom}{_text(made_local)} (UTC: {_text(made)}).</p>\n",
        "<p>SafeGuard is a program that hides hate and threats on social networks from a child and notes what it hid. "
        "The texts below were written by others. They are shown as they were met; characters that cannot be seen, "
        r"or turn the direction of a line, are written as <code>\u202e</code>. Nothing on this page leads anywhere.</p>"
        "\n",
        "<h2>What was not kept</h2>\n",
        _list([*never_kept, "What else is missing is said at each entry."]),
        "<h2>Whether anything was changed</h2>\n",
        f"<p><code>{names.MANIFEST}</code> beside this page has the SHA-256 digest of every file; "
        "each entry's digest includes the one before. "
        f"The digest of that file is the digest of the whole: <code>{names.SEAL}</code> holds it, and whoever sent this package "
        "can tell it to you by another way. <code>safeguard report --verify</code> checks everything; without SafeGuard, "
        f"<code>sha256sum -c {names.SEAL}</code> checks the list, and the list has what each other file must give. "
        "Digests show that nothing changed since the package was made, "
        "and only if you know the digest from the sender; they do not show who made it.</p>\n",
        *map(_entry, records),
        "</main>\n</body>\n</html>\n",
    ]
    return "".join(out).encode()


def _entry(record: Mapping[str, Any]) -> str:
    met = f"{record['first_met_local']} (UTC: {record['first_met']})"
    again = f"{record['last_met_local']} (UTC: {record['last_met']}), {record['times_met']} times in all" if record["times_met"] > 1 else ""
    facts = (
        ("Met", met),
        ("Last met", again),
        ("Site", record["site"]),
        ("Address", record["address"]),
        ("Author", record["author"]),
        ("What it is", _words(record["what_it_is"] or record["kind"])),
        ("Category", f"{_words(record['category'])}, severity {record['severity']} of 3"),
        ("Group attacked", record["group"]),
        ("Rule", record["rule"]),
        ("Rules", record["rules_version"]),
        ("What was done", _words(record["what_was_done"])),
        ("Child's account", record["child"]),
        ("The parent says", _REVIEW.get(record["parent_says"], "")),
    )
    answer = ""
    if record["answer"]:
        start, end, _ = record["answer_bytes"]
        answer = (
            f"<p>The raw answer of the site: <code>{record['answer']}</code>, {end - start:,} bytes, "
            f"<bdi>{_text(record['answer_media'])}</bdi>, SHA-256 <code>{record['answer_sha256']}</code></p>\n"
        )
    rows = "".join(f'<dt>{name}</dt><dd dir="auto">{_text(value)}</dd>\n' for name, value in facts if value)
    return (
        f"<article>\n<h2>Entry {record['number']}: <code>{_text(record['code'])}</code></h2>\n<dl>\n{rows}</dl>\n"
        f'<div class="text" dir="auto">{_text(record["text"])}</div>\n{_findings(record["findings"])}{answer}'
        f'<div class="missing">{_list(record["not_kept"])}</div>\n</article>\n'
    )


def _findings(findings: Sequence[Mapping[str, Any]]) -> str:
    lines = []
    for f in findings:
        words = " … ".join(f"<b><bdi>{_text(w)}</bdi></b>" for w in f["words"])
        off = f"; not counted, because of <bdi>{_text(f['not_counted_because'])}</bdi>" if f["not_counted_because"] else ""
        why = f"<br><bdi>{_text(f['why'])}</bdi>" if f["why"] and not off else ""
        lines.append(f"<li><bdi>{_text(f['rule'])}</bdi> ({_text(_words(f['category']))}): {words}{off}{why}</li>\n")
    return f"<p>The words that decided, by rule:</p>\n<ul>\n{''.join(lines)}</ul>\n" if lines else ""


def _list(lines: Sequence[str]) -> str:
    return "<ul>\n" + "".join(f"<li>{_text(line)}</li>\n" for line in lines) + "</ul>\n" if lines else ""


def _words(name: str) -> str:
    return name.replace("_", " ")


def _text(value: object) -> str:
    """Text from outside: no markup, and nothing in it that is obeyed and not seen."""
    return escape(safe(str(value), lines=True))

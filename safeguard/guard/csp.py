"""Lets the guard past a page's Content-Security-Policy: only ever added to, by the least that does it, so that no page breaks. Pure.

Learnt: a nonce beside 'unsafe-inline' switches 'unsafe-inline' off. So the script's exact address is added, which switches nothing off;
only under 'strict-dynamic', where addresses do not count and 'unsafe-inline' is off already, a nonce.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEADER = "content-security-policy"
_NEEDED = frozenset(("allow-scripts", "allow-same-origin"))
"""Without these a sandboxed page runs no script, or one that may not ask its own origin."""


class NoWayError(Exception):
    """The page's policy leaves no way for the guard; its message says why, for people."""


@dataclass(frozen=True, slots=True)
class Ours:
    """script, ask: exact addresses of the guard's script and of what answers it. nonce: the one on its tag."""

    script: str
    ask: str
    nonce: str


def allowing(value: str, ours: Ours, meta: bool = False) -> str:
    """A header's value (one or several policies), or a <meta>'s content, that lets the guard run and ask. Raises NoWayError."""
    policies = [value] if meta else value.split(",")
    return ",".join(_policy(p, ours, meta) for p in policies)


def _policy(policy: str, ours: Ours, meta: bool) -> str:
    directives = policy.split(";")
    first: dict[str, int] = {}
    for number, words in enumerate(d.split() for d in directives):
        if words:
            first.setdefault(words[0].lower(), number)  # a second one of the same name does not count
    if "sandbox" in first and not meta and _NEEDED - {w.lower() for w in directives[first["sandbox"]].split()}:
        raise NoWayError("its policy puts the page into a sandbox")
    for names, address in ((("script-src-elem", "script-src"), ours.script), (("connect-src",), ours.ask)):
        name = next((n for n in names if n in first), "")
        if name:
            directives[first[name]] = _with(directives[first[name]], address, ours)
        elif "default-src" in first:
            before = directives[first["default-src"]].split()
            copied = " ".join((names[-1], *before[1:]))
            if (made := _with(copied, address, ours)) != copied:
                directives.append(f" {made}")
    return ";".join(directives)


def _with(directive: str, address: str, ours: Ours) -> str:
    """The directive with our source in it; unchanged where it lets us in as it is."""
    name, *sources = directive.split()
    kept = [s for s in sources if s.lower() != "'none'"]  # beside others it counts for nothing
    if _lets_in({s.lower() for s in kept}, address):
        return directive
    dynamic = name.lower() != "connect-src" and "'strict-dynamic'" in (s.lower() for s in kept)
    source = f"'nonce-{ours.nonce}'" if dynamic else address
    if kept and len(kept) == len(sources):
        return f"{directive.rstrip()} {source}"
    return _joined(directive, (name, *kept, source))


def _lets_in(sources: set[str], address: str) -> bool:
    scheme = address.partition(":")[0]
    return "'strict-dynamic'" not in sources and bool(sources & {"'self'", "*", f"{scheme}:"})


def _joined(directive: str, words: Sequence[str]) -> str:
    lead = directive[: len(directive) - len(directive.lstrip())]
    return lead + " ".join(words)

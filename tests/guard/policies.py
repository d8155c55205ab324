"""Policies as real pages have them, and what the guard makes of each; the table test and the one in Chromium share them."""

from __future__ import annotations

from typing import NamedTuple

from safeguard.guard.csp import Ours

OURS = Ours("https://a.test/.well-known/safeguard/t/g.js", "https://a.test/.well-known/safeguard/t/ask", "OURS")
S, A, N = OURS.script, OURS.ask, "'nonce-OURS'"
INLINE_HASH = "'sha256-UGsrqUDhfMy/1e4sJQuSFQRnwoG03GbAxacS+vNPr7w='"
"""Of the page's hashed script in tests/e2e/test_guard_policies.py."""


class Policy(NamedTuple):
    """One header value (may hold several policies), and what goes out instead; made "" for no way."""

    said: str
    made: str


POLICIES = {
    "frames only": Policy("frame-ancestors 'self'; upgrade-insecure-requests", "frame-ancestors 'self'; upgrade-insecure-requests"),
    "empty": Policy("", ""),
    "self lets us in": Policy("default-src 'self'", "default-src 'self'"),
    "everything of https": Policy("default-src https: 'unsafe-inline'", "default-src https: 'unsafe-inline'"),
    "a star": Policy("script-src * 'unsafe-inline'; connect-src *", "script-src * 'unsafe-inline'; connect-src *"),
    "none": Policy("default-src 'none'", f"default-src 'none'; script-src {S}; connect-src {A}"),
    "no script": Policy("script-src 'none'", f"script-src {S}"),
    "an empty list": Policy("script-src", f"script-src {S}"),
    "none in capitals": Policy("SCRIPT-SRC 'NONE'; Connect-Src 'none'", f"SCRIPT-SRC {S}; Connect-Src {A}"),
    "none beside others": Policy("script-src 'none' https://cdn.test", f"script-src https://cdn.test {S}"),
    "unsafe-inline keeps its force": Policy(
        "default-src data: blob: https://*.fb.test; script-src https://*.fb.test 'unsafe-inline' 'unsafe-eval'; connect-src wss://*.fb.test",
        f"default-src data: blob: https://*.fb.test; script-src https://*.fb.test 'unsafe-inline' 'unsafe-eval' {S};"
        f" connect-src wss://*.fb.test {A}",
    ),
    "a nonce": Policy(
        "script-src 'nonce-abc' 'unsafe-inline' https://cdn.test", f"script-src 'nonce-abc' 'unsafe-inline' https://cdn.test {S}"
    ),
    "a hash": Policy(f"script-src {INLINE_HASH}; connect-src 'self'", f"script-src {INLINE_HASH} {S}; connect-src 'self'"),
    "strict-dynamic with a nonce": Policy(
        "script-src 'nonce-abc' 'strict-dynamic' 'unsafe-inline' https:; object-src 'none'; base-uri 'none'",
        f"script-src 'nonce-abc' 'strict-dynamic' 'unsafe-inline' https: {N}; object-src 'none'; base-uri 'none'",
    ),
    "strict-dynamic with a hash": Policy(
        f"script-src 'strict-dynamic' {INLINE_HASH} 'self'", f"script-src 'strict-dynamic' {INLINE_HASH} 'self' {N}"
    ),
    "strict-dynamic alone": Policy("script-src 'strict-dynamic' 'self'", f"script-src 'strict-dynamic' 'self' {N}"),
    "strict-dynamic by default": Policy(
        "default-src 'strict-dynamic' 'nonce-abc'",
        f"default-src 'strict-dynamic' 'nonce-abc'; script-src 'strict-dynamic' 'nonce-abc' {N};"
        f" connect-src 'strict-dynamic' 'nonce-abc' {A}",
    ),
    "elements by themselves": Policy(
        "script-src 'unsafe-inline'; script-src-elem 'unsafe-inline' https://cdn.test; script-src-attr 'none'; connect-src 'self'",
        f"script-src 'unsafe-inline'; script-src-elem 'unsafe-inline' https://cdn.test {S}; script-src-attr 'none'; connect-src 'self'",
    ),
    "default and inline": Policy(
        "default-src 'unsafe-inline' data:;",
        f"default-src 'unsafe-inline' data:;; script-src 'unsafe-inline' data: {S}; connect-src 'unsafe-inline' data: {A}",
    ),
    "a second directive of a name counts for nothing": Policy(
        "script-src 'unsafe-inline'; script-src 'none'", f"script-src 'unsafe-inline' {S}; script-src 'none'"
    ),
    "two policies in a header": Policy(
        "script-src 'unsafe-inline', default-src 'self'; script-src 'nonce-abc' 'unsafe-inline'",
        f"script-src 'unsafe-inline' {S}, default-src 'self'; script-src 'nonce-abc' 'unsafe-inline' {S}",
    ),
    "trusted types": Policy(
        "require-trusted-types-for 'script'; trusted-types default; script-src 'nonce-abc' 'strict-dynamic'",
        f"require-trusted-types-for 'script'; trusted-types default; script-src 'nonce-abc' 'strict-dynamic' {N}",
    ),
    "reports": Policy(
        "script-src 'report-sample' 'unsafe-inline'; report-uri /r", f"script-src 'report-sample' 'unsafe-inline' {S}; report-uri /r"
    ),
    "a sandbox with a way": Policy(
        "sandbox allow-scripts allow-same-origin allow-forms", "sandbox allow-scripts allow-same-origin allow-forms"
    ),
    "odd blanks": Policy(" ;; script-src\t'unsafe-inline'  ;", f" ;; script-src\t'unsafe-inline' {S};"),
}
NO_WAY = {
    "a sandbox": "sandbox",
    "no scripts": "sandbox allow-forms; default-src 'self'",
    "no origin": "default-src *, sandbox allow-scripts",
}

"""What keeps other sites and other programs' pages out: asked of every request, before anything else looks at it.

DNS rebinding is stopped by the list of Host headers, forged requests by Origin, Sec-Fetch-Site and a token, scripts by a
policy (CSP) that allows none at all: the page works without, and a text from the web that got past the escaping still could not run.
"""

from __future__ import annotations

from hmac import compare_digest

from flask import Flask, Response, abort, g, request

from safeguard.web.deps import LOOPBACK, Deps

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # under no-referrer browsers send `Origin: null` with our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
}
READS = ("GET", "HEAD")
TOKEN = "token"
"""Name of the form's field."""


def install(app: Flask, deps: Deps) -> None:
    """Checks each request, and puts the headers on each answer."""
    hosts = (f"{LOOPBACK}:{deps.port}", f"localhost:{deps.port}")

    def check() -> None:
        host = request.headers.get("Host", "")
        if host not in hosts:
            abort(421)
        fetched = request.headers.get("Sec-Fetch-Site", "none")  # an older browser sends none
        if request.method in READS:
            opened = request.headers.get("Sec-Fetch-Mode") == "navigate" and request.headers.get("Sec-Fetch-Dest") == "document"
            if fetched not in ("none", "same-origin") and not opened:
                abort(403)
            return
        # Another port of this computer is another program, perhaps the child's: "same-site" is not enough.
        if request.method != "POST" or fetched not in ("none", "same-origin"):
            abort(403)
        if request.headers.get("Origin") != f"http://{host}":
            abort(403)

    def put(response: Response) -> Response:
        policy = response.headers.get("Content-Security-Policy", CSP)  # a package's page has a stricter one of its own
        response.headers.update(HEADERS | {"Content-Security-Policy": policy})
        return response

    app.before_request(check)
    app.after_request(put)


def check_token() -> None:
    """For what changes something in a session: the form must be one of ours, made for this session."""
    if not compare_digest(request.form.get(TOKEN, "").encode(), g.session.token.encode()):
        abort(403)

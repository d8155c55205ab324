"""Sign-in by the PIN, sessions with an end, sign-out. Everything but SIGNED_OUT asks for a session: a new page cannot forget it."""

from __future__ import annotations

import hashlib
import math
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from safeguard.system.pin import Verified, Wait
from safeguard.web import shield
from safeguard.web.deps import LOOPBACK, Deps
from safeguard.web.shield import READS, check_token

COOKIE = "safeguard_page"
SIGNED_OUT = ("session.sign_in", "static")
"""What is there without a session."""
KNOWN = "safeguard_session_known"
"""What the server asks before it takes a large body (Flask's extensions): whether a cookie is a session's."""
LONGEST_S = 12 * 3600.0
MOST = 20
"""Sessions at once; the oldest goes."""


@dataclass(slots=True)
class Session:
    """token: of its forms. account: who signed in. mark: of the PIN it was signed in with. said: told once, on the next page.

    undo: number of the change of the rules that this page can take back, 0 for none.
    kept: what pages keep for this session alone, gone with it.
    """

    account: str
    mark: str
    begun: float
    used: float
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    said: str = ""
    undo: int = 0
    kept: dict[str, Any] = field(default_factory=dict)


class Sessions:
    """The sessions of this run, in memory alone; known by the digest of their cookie. Safe to use from any thread."""

    def __init__(self, idle_s: float, clock: Callable[[], float]) -> None:
        self._idle = idle_s
        self._clock = clock
        self._lock = threading.Lock()
        self._all: dict[bytes, Session] = {}

    def begin(self, account: str, mark: str) -> str:
        """A new one; returns what its cookie says."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            while len(self._all) >= MOST:
                del self._all[min(self._all, key=lambda k: self._all[k].used)]
            self._all[_digest(secret)] = Session(account, mark, now, now)
        return secret

    def find(self, secret: str, account: str, mark: str) -> Session | None:
        """The session of that cookie, used now. None, and over, where it is too old or the PIN is another; None for another account."""
        key, now = _digest(secret), self._clock()
        with self._lock:
            found = self._all.get(key)
            if found is None or found.account != account:
                return None
            if self._over(found, now) or found.mark != mark:
                del self._all[key]
                return None
            found.used = now
            return found

    def known(self, secret: str) -> bool:
        """Whether there is such a session, which is not used by this; whose it is and whether its PIN still holds is asked by `find`."""
        now = self._clock()
        with self._lock:
            found = self._all.get(_digest(secret))
            return found is not None and not self._over(found, now)

    def _over(self, session: Session, now: float) -> bool:
        return now - session.used > self._idle or now - session.begun > LONGEST_S

    def end(self, secret: str) -> None:
        """It is known no longer."""
        with self._lock:
            self._all.pop(_digest(secret), None)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def install(app: Flask, deps: Deps) -> None:
    """The gate before every page, and the pages of sign-in and sign-out."""
    sessions = Sessions(60.0 * deps.idle_minutes, deps.clock)
    pages = Blueprint("session", __name__)

    def account() -> str:
        client = str(request.environ.get("REMOTE_ADDR", "")), int(request.environ.get("REMOTE_PORT") or 0)
        return deps.account(client, (LOOPBACK, deps.port))

    def gate() -> AnyResponse | None:
        g.session = None
        if request.endpoint == "static":
            return None
        mark = deps.pin.mark()
        if mark and (secret := request.cookies.get(COOKIE)):
            g.session = sessions.find(secret, account(), mark)
        if request.endpoint in SIGNED_OUT:
            return None
        if g.session is None:
            return redirect(url_for("session.sign_in"), 303) if request.method in READS else _form(403)
        if request.method not in READS:
            check_token()
        return None

    def _form(code: int, *, wrong: bool = False, wait: float = 0.0) -> Response:
        """The page that asks for the PIN; where there is none yet, the page says how to set one, and no one can from here."""
        values = {"has_pin": bool(deps.pin.mark()), "wrong": wrong, "wait": math.ceil(wait)}
        return make_response(render_template("sign_in.html", **values), code)

    @pages.route("/sign-in", methods=("GET", "POST"))
    def sign_in() -> AnyResponse:
        if request.method in READS:
            return redirect(url_for("review.index"), 303) if g.session else _form(200)
        mark = deps.pin.mark()
        if not mark:
            return _form(403)
        who = account()
        answer = deps.pin.verify(request.form.get("pin", ""), f"page:{who or 'unknown'}")
        if not isinstance(answer, Verified):
            return _form(429 if isinstance(answer, Wait) else 403, wrong=not isinstance(answer, Wait), wait=answer.seconds)
        if old := request.cookies.get(COOKIE):
            sessions.end(old)
        there = redirect(url_for("review.index"), 303)
        there.set_cookie(COOKIE, sessions.begin(who, mark), httponly=True, samesite="Strict", path="/")
        return there

    @pages.post("/sign-out")
    def sign_out() -> AnyResponse:
        sessions.end(request.cookies[COOKIE])
        there = redirect(url_for("session.sign_in"), 303)
        there.delete_cookie(COOKIE, httponly=True, samesite="Strict", path="/")
        return there

    app.extensions[KNOWN] = sessions.known
    app.before_request(gate)
    app.register_blueprint(pages)
    app.context_processor(lambda: {"session": g.get("session"), "token_name": shield.TOKEN})

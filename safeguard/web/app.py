"""Joins the page: one Flask app of its dependencies, a blueprint a file. A new page: its file, its line in PAGES, its line in NAV."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError

from safeguard.errors import SafeguardError
from safeguard.system.terminal import safe
from safeguard.web import review, rules, rules_import, session, shield, speech
from safeguard.web.deps import Deps
from safeguard.web.speech import N_

PAGES: tuple[Callable[[Flask, Deps], None], ...] = (review.install, rules.install)
NAV: tuple[tuple[str, str], ...] = (("review.index", N_("Review")), ("rules.index", N_("Rules")))
"""Endpoint -> its name in the menu, in this order."""
MOST_BYTES = 64 * 2**10
"""Of a form: no form of ours is larger but those in LARGER."""
LARGER = {"rules_import.take": rules_import.MOST_ASKED}
"""Endpoint -> bytes of its form."""


class _Page(Flask):
    """Flask that never writes what a page was about into a log."""

    say: Callable[[str], None]

    def log_exception(
        self, exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None], *args: Any, **kwargs: Any
    ) -> None:
        kind, _, trace = exc_info
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})" if trace else ""
        self.say(f"the parents' page: internal error: {kind.__name__ if kind else ''}{where}")


def create_app(deps: Deps) -> Flask:
    """The page. Every address but the sign-in and the style sheet asks for a session; every change asks for more (shield.py)."""
    app = _Page("safeguard.web", static_folder="static", template_folder="templates")
    app.say = deps.say
    app.config.update(MAX_CONTENT_LENGTH=MOST_BYTES, MAX_FORM_MEMORY_SIZE=MOST_BYTES)
    app.jinja_env.filters["safe_text"] = lambda text: safe(text, lines=True)
    app.jinja_env.autoescape = True
    shield.install(app, deps)  # first: nothing is looked at before
    app.before_request(_room)  # before the session, which reads the form's token
    speech.install(app, deps)
    session.install(app, deps)
    for install in PAGES:
        install(app, deps)
    app.context_processor(lambda: {"nav": NAV})
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SafeguardError, _ours)
    return app


def _room() -> None:
    most = LARGER.get(request.endpoint or "", MOST_BYTES)
    request.max_content_length = most
    request.max_form_memory_size = max(MOST_BYTES, min(most, 2**20))  # beside a file; it is read in pieces that count as memory


ERRORS = {
    404: N_("Nothing here."),
    413: N_("This is larger than the page takes; nothing was changed. Send less at once."),
    500: N_("An error of ours; what you did may not have been done."),
}


def _http(error: HTTPException) -> Response:
    if error.response is not None:  # a redirect carries its own answer
        return make_response(error.response)
    code = error.code or InternalServerError.code
    return make_response(render_template("message.html", title=str(code), text=speech.say(ERRORS.get(code, N_("This was refused.")))), code)


def _ours(error: SafeguardError) -> Response:
    """The log is locked or set aside, a file cannot be written: one line, as the command line says it."""
    return make_response(render_template("message.html", title=speech.say(N_("This did not work")), text=str(error)), 503)

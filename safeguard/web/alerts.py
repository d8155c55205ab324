"""Alerts: where they go besides the desktop, whether that works, a test message, and the hours without any."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from flask import Blueprint, Flask, abort, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from safeguard import wiring
from safeguard.alerts import remote
from safeguard.errors import AlertError, InputError
from safeguard.store.alerts import AlertQueue
from safeguard.store.troubles import Trouble
from safeguard.system import quiet_hours
from safeguard.system.channels import Channel
from safeguard.web import addresses
from safeguard.web.deps import Deps
from safeguard.web.speech import N_, say

WHY = {
    remote.WHY["unknown"]: N_("This is not an address of a service that is known here."),
    remote.WHY["here"]: N_("This is not a service for a phone or for mail."),
    remote.WHY["unverified"]: N_("This address switches the check of certificates off, so others could read the alerts."),
    remote.WHY["refused"]: N_("The service could not be reached, or refused the message. Look at what you typed, and at the password."),
    remote.SLOW: N_("The service did not answer in time."),
    remote.BROKEN: N_("The message could not be sent; SafeGuard's own part failed."),
}
"""What alerts/ says -> the same on the page."""


@dataclass(frozen=True, slots=True)
class State:
    """One way that alerts go. channel: None for the desktop. waiting: alerts not sent yet, since: the oldest, milliseconds since 1970."""

    channel: Channel | None
    waiting: int
    since: int
    trouble: Trouble | None = None
    why: str = ""


def install(app: Flask, deps: Deps) -> None:
    """The page, and what its buttons do."""
    pages = Blueprint("alerts", __name__, url_prefix="/alerts")
    channels = wiring.channels(deps.paths)

    def shown(code: int = 200, problem: str = "") -> Response:
        said, g.session.said = g.session.said, ""
        quiet = wiring.quiet(deps.settings, deps.paths)
        now = time.localtime()
        try:
            quiet_hours.read(deps.paths.quiet)
        except InputError as e:
            problem = problem or str(e)
        failing = {t.channel: t for t in deps.store.troubles.list()}
        text = render_template(
            "alerts.html",
            desktop=_state(deps.store.alerts, None) if deps.settings.alerts else None,
            states=[_state(deps.store.alerts_for(c.id, c.since), c, failing.get(c.id)) for c in channels.list()],
            quiet=quiet,
            hours=[f"{m // 60:02d}:{m % 60:02d}" for m in quiet.hours or ()],
            quiet_now=wiring.pace(deps.settings, deps.paths).is_quiet(60 * now.tm_hour + now.tm_min),
            minutes=deps.settings.digest,
            topic=f"safeguard-{secrets.token_hex(8)}",
            problem=problem,
            said=said,
        )
        return make_response(text, code)

    def back(said: str) -> Response:
        g.session.said = said
        return redirect(url_for("alerts.index"), 303)

    @pages.get("/")
    def index() -> Response:
        return shown()

    @pages.post("/add")
    def add() -> Response:
        address = addresses.made(request.form)
        if address is None:
            return shown(400, say(N_("Something in this form is missing or cannot be right.")))
        try:
            channel = wiring.add_channel(address, deps.paths)
        except AlertError as e:
            return shown(400, _why(str(e)))
        except InputError as e:
            return shown(400, str(e))
        return back(say(N_("Alerts go to %(name)s from now on. Send a test message to see that they come."), name=channel.name))

    def found(number: str) -> Channel:
        channel = next((c for c in channels.list() if c.id == number), None)
        if channel is None:
            abort(404)
        return channel

    @pages.post("/<code>/test")
    def test(code: str) -> Response:
        channel = found(code)
        try:
            wiring.try_channel(channel, deps.settings)
        except AlertError as e:
            return shown(502, f"{channel.name}: {_why(str(e))}")
        deps.store.troubles.over(channel.id)  # what waits is sent at once
        return back(say(N_("The test message was sent to %(name)s. Look whether it has come."), name=channel.name))

    @pages.post("/<code>/remove")
    def remove(code: str) -> Response:
        gone = wiring.remove_channel(found(code).id, deps.store, deps.paths)
        return back(say(N_("No more alerts go to %(name)s."), name=gone.name))

    @pages.post("/quiet")
    def quiet() -> Response:
        start, until = request.form.get("from", ""), request.form.get("until", "")
        none = request.form.get("none") == "1"
        try:
            quiet_hours.write(deps.paths.quiet, "" if none else f"{start}-{until}", request.form.get("threats") == "1" or none)
        except InputError:
            return shown(400, say(N_("Give two different times of the day.")))
        return back(say(N_("Noted. It holds from now on.")))

    app.register_blueprint(pages)


def _why(english: str) -> str:
    return say(WHY[english]) if english in WHY else english


def _state(queue: AlertQueue, channel: Channel | None, trouble: Trouble | None = None) -> State:
    pending = queue.pending()
    oldest = min((a.at for a in pending), default=0)
    return State(channel, len(pending), oldest, trouble, _why(trouble.why) if trouble else "")

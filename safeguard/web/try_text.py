"""A box to try a text in: what the running filter makes of it, and why. The text is answered and forgotten; it is written nowhere."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template, request

from safeguard.matching.verdict import Level
from safeguard.text.unit import Role, TextUnit
from safeguard.web import labels
from safeguard.web.family import Family
from safeguard.web.marks import cut
from safeguard.web.speech import N_, rules_say
from safeguard.web.whys import whys

MOST = 5000
LEVELS = {
    Level.CLEAN: N_("Not harmful: it is shown."),
    Level.SUSPECT: N_("Suspect: it is shown or only noted, as the child's profile says."),
    Level.HARMFUL: N_("Harmful: it is hidden, unless the child's profile says otherwise."),
}


def install(app: Flask, family: Family) -> None:
    """The page of the box."""
    pages = Blueprint("try_text", __name__, url_prefix="/rules")

    @pages.get("/try")
    def index() -> str:
        return render_template("rules_try.html", text="", role=Role.POST.value, labels=labels, most=MOST, verdict=None)

    @pages.post("/try")
    def answer() -> str:
        text = request.form.get("text", "").replace("\r\n", "\n")[:MOST]
        role = request.form.get("role", "")
        role = role if role in labels.ROLES else Role.POST.value
        engine = family.deps.engine()
        verdict = engine.explain(TextUnit.of(text, Role(role)))
        counted = [r for r in verdict.reasons if r.suppressed_by is None]
        named = engine.rules.groups.get(verdict.group or "")
        return render_template(
            "rules_try.html",
            text=text,
            role=role,
            labels=labels,
            most=MOST,
            verdict=verdict,
            level=LEVELS[verdict.level],
            group=rules_say(named.title) if named else verdict.group or "",
            pieces=cut(text, [(r.start, r.end) for r in counted or verdict.reasons]),
            whys=whys(verdict.reasons, engine.rules.whys),
        )

    app.register_blueprint(pages)

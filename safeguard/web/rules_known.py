"""All rules that come with SafeGuard, and the family's own: searched, and switched on and off one by one."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Flask, render_template, request

from safeguard.ruleset.model import LANG_BIT, LANGS, Context, Frame
from safeguard.system.own_entry import over
from safeguard.text.fold import fold
from safeguard.web import labels
from safeguard.web.family import LANGUAGES, Family, number, sheet, shown_once
from safeguard.web.speech import rules_say, say

SIZE = 30
SHOW = ("", "finds", "contexts", "off")
"""What can be asked for: everything, rules, what switches rules off, what is off."""


@dataclass(frozen=True, slots=True)
class Known:
    """One rule or context as the page shows it. off: "" or by what: here, by its last day, or by a file of the family's own."""

    id: str
    title: str
    severity: int
    why: str
    langs: str
    off: str
    until: str


def install(app: Flask, family: Family) -> None:
    """The page of all rules."""
    pages = Blueprint("rules_known", __name__, url_prefix="/rules")

    @pages.get("/all")
    def index() -> str:
        asked, show = request.args.get("q", "")[:200], request.args.get("show", "")
        show = show if show in SHOW else ""
        rows = [k for k in everything() if _wanted(k, fold(asked), show)]
        made = sheet(rows, number(request.args.get("page", "")), SIZE)
        here = {"at": "known", "q": asked, "show": show, "page": str(made.page)}
        return render_template("rules_known.html", sheet=made, asked=asked, show=show, here=here, labels=labels, **shown_once())

    def everything() -> list[Known]:
        off, until = set(family.own.disabled()), family.own.expiring()
        compiled = family.deps.engine().rules
        at_work = {r.id for r in compiled.findings} | {c.id for c in compiled.contexts}
        return [
            Known(
                r.id,
                labels.called(labels.CATEGORIES, r.category) if isinstance(r, Frame) else "",
                r.severity if isinstance(r, Frame) else 0,
                rules_say(r.why),
                _langs(r),
                "here" if r.id in off else "ended" if over(until.get(r.id, "")) else "" if r.id in at_work else "elsewhere",
                until.get(r.id, ""),
            )
            for r in family.rules().values()
        ]

    app.register_blueprint(pages)


def _wanted(k: Known, asked: str, show: str) -> bool:
    if (show == "off" and not k.off) or (show == "finds" and not k.severity) or (show == "contexts" and k.severity):
        return False
    return not asked or any(asked in fold(text) for text in (k.id, k.why, k.title))


def _langs(rule: Frame | Context) -> str:
    every = [lang for lang in LANGS if rule.langs & LANG_BIT[lang]]
    return "" if len(every) == len(LANGS) else ", ".join(say(LANGUAGES[lang]) for lang in every)

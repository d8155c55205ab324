"""Evidence: what the parent saved, a package of it for somebody, and whether a package was changed. The package is evidence/'s alone."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Flask, abort, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from safeguard import wiring
from safeguard.errors import InputError
from safeguard.evidence import Checked, Recipient, Told, check_zip, container, names, page
from safeguard.store import Entry
from safeguard.system.saved_entries import SavedEntries
from safeguard.web import labels
from safeguard.web.deps import Deps
from safeguard.web.speech import N_, rules_say, say

MOST_UPLOAD = 32 * 2**20
"""Bytes of a package that is made or checked here; the command line takes larger ones."""
MOST_LINES, LONGEST_LINE = 100, 500
LOOKED_AT = f"{page.POLICY}; frame-ancestors 'none'; sandbox"
"""The policy of a package's page: no script, nothing loaded, no form, and no part in our origin."""
RECIPIENTS = {
    Recipient.SCHOOL: N_("the school"),
    Recipient.PLATFORM: N_("the platform (it is not told your child's account)"),
    Recipient.POLICE: N_("the police"),
    Recipient.OMBUDSMAN: N_("the ombudsman"),
}
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Package:
    """A package made in this session. name: of its file; digest: of the whole; count: entries."""

    name: str
    data: bytes
    shown: bytes
    digest: str
    count: int
    recipient: Recipient


@dataclass(frozen=True, slots=True)
class Row:
    """One saved entry; entry: None where it has left the log."""

    code: str
    entry: Entry | None
    title: str = ""
    site: str = ""


def install(app: Flask, deps: Deps) -> None:
    """The page, and what its buttons do."""
    pages = Blueprint("evidence", __name__, url_prefix="/evidence")
    saved = SavedEntries(deps.paths.saved)

    def rows() -> list[Row]:
        codes, sites = saved.list(), deps.words().sites
        there = {e.incident.code: e for e in deps.store.exhibits.named(codes)} if codes else {}
        return [_row(code, there.get(code), sites) for code in codes]

    def shown(code: int = 200, *, checked: Checked | None = None, problem: str = "") -> Response:
        said, g.session.said = g.session.said, ""
        text = render_template(
            "evidence.html",
            rows=rows(),
            recipients=[(r.value, say(text)) for r, text in RECIPIENTS.items()],
            days=deps.settings.keep_days,
            whole=deps.settings.evidence,
            package=g.session.kept.get("package"),
            recipient_of=lambda p: say(RECIPIENTS[p.recipient]),
            most=MOST_UPLOAD // 2**20,
            checked=checked,
            lines=[line[:LONGEST_LINE] for line in checked.problems[:MOST_LINES]] if checked else [],
            more=max(0, len(checked.problems) - MOST_LINES) if checked else 0,
            problem=problem,
            said=said,
        )
        return make_response(text, code)

    @pages.get("/")
    def index() -> Response:
        return shown()

    @pages.post("/remove")
    def remove() -> Response:
        saved.remove(request.form.get("code", ""))
        g.session.said = say(N_("Taken back."))
        return redirect(url_for("evidence.index"), 303)

    @pages.post("/make")
    def make() -> Response:
        chosen = request.form.get("recipient", "")
        entries = [r.entry for r in rows() if r.entry is not None]
        if chosen not in set(Recipient):
            return shown(400, problem=say(N_("For whom is it? Choose one.")))
        if not entries:
            return shown(400, problem=say(N_("Nothing is saved, so there is nothing to make a package of.")))
        words = deps.words()
        told = Told(words.whys, words.groups, rules_say)
        recipient, bodies = Recipient(chosen), request.form.get("answers") == "1"
        large = say(N_("This would be too large for the page. Remove some entries, or leave out the raw answers."))
        try:
            files = wiring.evidence_package(deps.settings, deps.store, entries, bodies=bodies, recipient=recipient, told=told)
        except InputError:
            return shown(400, problem=large)
        if sum(map(len, files.values())) > MOST_UPLOAD - 2**20:
            return shown(400, problem=large)
        data, name = container.pack(files), time.strftime(f"safeguard-evidence-%Y-%m-%d-%H%M%S-{recipient}.zip")
        g.session.kept["package"] = Package(name, data, files[names.PAGE], check_zip(data).digest, len(entries), recipient)
        return redirect(url_for("evidence.index") + "#made", 303)

    def made() -> Package:
        package = g.session.kept.get("package")
        if not isinstance(package, Package):
            abort(404)
        return package

    @pages.get("/look")
    def look() -> Response:
        there = make_response(made().shown)
        there.headers["Content-Security-Policy"] = LOOKED_AT
        return there

    @pages.get("/download")
    def download() -> Response:
        package = made()
        there = make_response(package.data)
        there.headers["Content-Type"] = "application/zip"
        there.headers["Content-Disposition"] = f'attachment; filename="{package.name}"'
        return there

    @pages.post("/check")
    def check() -> Response:
        told = "".join(request.form.get("digest", "").split()).lower()
        if told and not _DIGEST.fullmatch(told):
            return shown(
                400, problem=say(N_("The digest has 64 digits and letters from a to f. Leave the field empty if nobody told you one."))
            )
        sent = request.files.get("package")
        data = sent.stream.read(MOST_UPLOAD + 1) if sent else b""
        if not data:
            return shown(400, problem=say(N_("Choose the file of the package first.")))
        return shown(checked=check_zip(data, told))

    app.register_blueprint(pages)


def _row(code: str, entry: Entry | None, sites: Mapping[str, str]) -> Row:
    if entry is None:
        return Row(code, None)
    i = entry.incident
    return Row(code, entry, labels.called(labels.CATEGORIES, i.category), sites.get(i.site, i.site))

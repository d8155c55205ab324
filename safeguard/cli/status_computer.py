"""What `safeguard status` says of the computer around the filter: the service, the browsers, and whose accounts are filtered in them."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

from safeguard.language import N_, _
from safeguard.policy.profiles import Profiles
from safeguard.setup.doctor.facts import Policy

WORDS = {
    Policy.OURS: N_("%(browser)s goes through SafeGuard"),
    Policy.MISSING: N_("%(browser)s does not go through SafeGuard"),
    Policy.OTHER: N_("%(browser)s has somebody else's policy"),
    Policy.OLD: N_("%(browser)s has an old policy of SafeGuard"),
    Policy.PACKED: N_("%(browser)s is not protected (`safeguard doctor` says how to mend it)"),
}


def gather(family: Profiles, port: int, domains: Collection[str], root: Path = Path("/")) -> dict[str, Any]:
    """service: "" where none is installed; browsers: title -> policy; people: account -> profile, and in which browsers it is filtered."""
    if os.name != "posix":  # what looks at accounts and policies there is not made yet
        return {"service": "", "strict": False, "browsers": {}, "people": {}}
    from safeguard.setup.doctor import look_accounts, look_browsers, look_packed, look_service

    people = sorted({*look_accounts.people(), *family.accounts})
    homes = [(name, home) for name in people if (home := look_accounts.home(name)) is not None]
    browsers = {b.title: b.policy for b in (*look_browsers.there(root, port, domains), *look_packed.there(root, homes))}
    under = [title for title, policy in browsers.items() if policy is Policy.OURS]
    return {
        "service": look_service.service(root),
        "strict": look_service.strict_mode(root),
        "browsers": {title: policy.value for title, policy in browsers.items()},
        "people": {
            name: {
                "profile": family.accounts.get(name, family.default),
                "filtered_in": under,
                "not_filtered_in": [title for title in browsers if title not in under],
            }
            for name in people
        },
    }


def rows(found: dict[str, Any]) -> list[tuple[str, str]]:
    """(name, what is said), for the table."""
    out = [(_("service"), found["service"] or _("none is installed; `safeguard run` is a filter until Ctrl-C"))]
    out.append((_("strict mode"), _("on: the child's account reaches the filter and nothing else") if found["strict"] else _("off")))
    browsers = [_(WORDS[Policy(policy)], browser=title) for title, policy in found["browsers"].items()]
    out.append((_("browsers"), "; ".join(browsers) or _("none found; `safeguard browse` opens one that is filtered")))
    if found["people"]:
        out.append((_("accounts"), "\n".join(f"{name} ({who['profile']}): {_filtered(who)}" for name, who in found["people"].items())))
    return out


def _filtered(who: dict[str, Any]) -> str:
    said = [_("filtered in %(filtered_in)s", filtered_in=", ".join(who["filtered_in"]))] if who["filtered_in"] else []
    if who["not_filtered_in"]:
        said.append(_("NOT FILTERED in %(not_filtered_in)s", not_filtered_in=", ".join(who["not_filtered_in"])))
    return "; ".join(said) or _("no browser found")

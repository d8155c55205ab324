"""What an entry of the log can be allowed for, and what never. Pure; the command line and the parents' page ask the same."""

from __future__ import annotations

from safeguard.errors import InputError
from safeguard.language import _
from safeguard.matching.verdict import Category
from safeguard.policy import asking, pin_entry
from safeguard.policy.allowance import NEVER, Scope
from safeguard.policy.incident import Incident


def aim(i: Incident, scope: Scope) -> tuple[str, str, str]:
    """(value, site, account) of an allowance of that scope, made from that entry of the log. Raises InputError where it can have none."""
    if i.kind == "reduced":
        raise InputError(_("%(code)s: tells of the site itself; nothing was hidden that could be allowed", code=i.code))
    if i.kind == asking.KIND:
        raise InputError(_("%(code)s: says that a child asks about %(about)s; allow that by its own code", code=i.code, about=i.excerpt))
    if i.kind == pin_entry.KIND:
        raise InputError(_("%(code)s: tells of the PIN; nothing was hidden that could be allowed", code=i.code))
    if i.kind == "certificate":
        raise InputError(
            _("%(code)s: tells of SafeGuard's certificate, see `safeguard ca show`; nothing was hidden that could be allowed", code=i.code)
        )
    if i.kind == "reveal":
        raise InputError(_("%(code)s: this entry says that a child looked at a hidden text; allow that text by its own code", code=i.code))
    if i.kind != "unit":
        raise InputError(_("%(code)s: could not be checked, and what cannot be checked is never let through", code=i.code))
    if scope is Scope.TEXT:
        return i.code, "", ""
    if scope is Scope.RULE:
        if any(r.rule == i.rule and r.category in NEVER for r in i.reasons) or i.category == Category.PERSONAL_THREAT:
            raise InputError(
                _(
                    "%(code)s: the rule %(rule)s finds personal threats, which are allowed text by text; use --text",
                    code=i.code,
                    rule=i.rule,
                )
            )
        return i.rule, "", i.account
    if scope is Scope.SITE:
        return i.site, "", ""
    if not i.author:
        raise InputError(_("%(code)s: the page did not say who wrote this; use --text", code=i.code))
    return i.author, i.site, ""


def scopes(i: Incident) -> tuple[Scope, ...]:
    """All that it can be allowed for."""
    return tuple(s for s in Scope if _can(i, s))


def _can(i: Incident, scope: Scope) -> bool:
    try:
        aim(i, scope)
    except InputError:
        return False
    return True

"""All checks, in the order a parent should read them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from safeguard.setup.doctor import checks_child, checks_filter, checks_network
from safeguard.setup.doctor.facts import Facts, Finding

Check = Callable[[Facts], Iterator[Finding]]

ALL: tuple[Check, ...] = (
    checks_filter.settings,
    checks_filter.not_running,
    checks_filter.port_taken,
    checks_child.administrator,
    checks_child.browser_policy,
    checks_child.strict_mode,
    checks_child.certificate,
    checks_filter.certificate_authority,
    checks_network.clock,
    checks_network.interception,
    checks_network.vpn,
    checks_network.proxy_elsewhere,
    checks_filter.rules,
    checks_filter.reduced,
    checks_filter.log,
    checks_filter.unsent,
    checks_filter.pin,
    checks_child.no_such_account,
    checks_filter.alerts,
    checks_child.no_child,
    checks_child.not_root,
    checks_network.no_network,
)


def findings(facts: Facts) -> list[Finding]:
    """What is wrong, then what is only worth knowing."""
    found = [finding for check in ALL for finding in check(facts)]
    return [f for f in found if f.wrong] + [f for f in found if not f.wrong]

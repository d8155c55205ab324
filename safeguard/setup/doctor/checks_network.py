"""Is somebody else between this computer and the sites? Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from safeguard.language import _, n_
from safeguard.setup.doctor.facts import Facts, Finding, Seen

CLOCK_OFF = timedelta(minutes=10)
"""More than an honest clock and a slow answer make."""
DAY = timedelta(days=1)


def interception(facts: Facts) -> Iterator[Finding]:
    """An antivirus, another filter or a company's network that opens secure connections with a certificate of its own."""
    for shown in facts.shown:
        if shown.seen is Seen.LOCAL:
            yield Finding(
                "intercepted",
                _(
                    "Another program on this computer, or the network it is in, opens secure connections "
                    "and reads them before SafeGuard does."
                ),
                _(
                    "%(host)s shows a certificate issued by “%(issuer)s”, which only this computer trusts",
                    host=shown.host,
                    issuer=shown.issuer,
                ),
                _(
                    "If that is your antivirus or another filter, switch off its HTTPS scanning "
                    "(also called web shield or SSL inspection). "
                    "If you do not know the name, find out who installed it."
                ),
            )
        elif shown.seen is Seen.UNKNOWN:
            yield Finding(
                "intercepted",
                _("Somebody between this computer and the network shows certificates that nobody trusts."),
                _("%(host)s shows a certificate issued by “%(issuer)s”", host=shown.host, issuer=shown.issuer),
                _(
                    "In a hotel or café, log in to its network first. At home, ask who set up the router or a filter on it. "
                    "SafeGuard shows no page over such a connection."
                ),
            )


def no_network(facts: Facts) -> Iterator[Finding]:
    """Nothing can be said of interception where no site can be reached."""
    if facts.shown and all(s.seen is Seen.UNREACHED for s in facts.shown):
        yield Finding(
            "no-network",
            _("No well-known site could be reached, so it was not looked whether another program opens secure connections."),
            ", ".join(s.host for s in facts.shown),
            _("Connect to the network and run `safeguard doctor` again."),
            wrong=False,
        )


def vpn(facts: Facts) -> Iterator[Finding]:
    """A tunnel that takes all traffic."""
    for tunnel in facts.tunnels:
        if tunnel.default:
            yield Finding(
                "vpn",
                _(
                    "A VPN is on, and all traffic of this computer goes through it. Filters in your router no longer see it, "
                    "and programs that come with a VPN often change the browsers' proxy, which would go past SafeGuard."
                ),
                _("network interface %(name)s (%(kind)s)", name=tunnel.name, kind=tunnel.kind),
                _("If it is not yours, switch it off and remove its program. If you need it, do without its browser extension."),
            )


def proxy_elsewhere(facts: Facts) -> Iterator[Finding]:
    """A proxy that somebody set in a place of his own."""
    for proxy in facts.proxies:
        if proxy.policy:
            yield Finding(
                "proxy",
                _("A browser has a proxy of its own. It is not used as long as SafeGuard's policy stands."),
                _where(proxy.where, proxy.whose, proxy.value),
                _("You may leave it, or take it out in the browser's settings."),
                wrong=False,
            )
        else:
            yield Finding(
                "proxy",
                _("A proxy is set outside of SafeGuard, and what goes through it may go past SafeGuard."),
                _where(proxy.where, proxy.whose, proxy.value),
                _("Take it out where it is set; if your network needs it, ask whoever runs the network for a way without."),
            )


def clock(facts: Facts) -> Iterator[Finding]:
    """A wrong clock makes every certificate look false, and the log useless."""
    mend = _("Set date and time, and let the computer keep them: `sudo timedatectl set-ntp true`.")
    if facts.now.date() < facts.released - DAY:
        yield Finding(
            "clock",
            _("The clock of this computer is wrong: it shows a day before this SafeGuard was made."),
            _(
                "it says %(now)s, and SafeGuard is of %(released)s",
                now=f"{facts.now:%Y-%m-%d %H:%M}",
                released=f"{facts.released:%Y-%m-%d}",
            ),
            mend,
        )
        return
    told = _said_by_a_site(facts)
    if told is not None and abs(told[0] - told[1]) > CLOCK_OFF:
        server, here = told
        length = _length(abs(server - here))
        said = _("The clock of this computer is %(length)s behind.", length=length)
        if server < here:
            said = _("The clock of this computer is %(length)s ahead.", length=length)
        yield Finding(
            "clock",
            said,
            _(
                "a site's answer said %(server)s UTC when the clock here said %(here)s UTC",
                server=f"{server:%Y-%m-%d %H:%M}",
                here=f"{here:%Y-%m-%d %H:%M}",
            ),
            mend,
        )
    elif any(s.seen is Seen.DATED for s in facts.shown):
        yield Finding(
            "clock",
            _("The clock of this computer seems wrong: a well-known site's certificate is not valid at the time it shows."),
            _("it says %(now)s UTC", now=f"{facts.now:%Y-%m-%d %H:%M}"),
            mend,
        )


def _said_by_a_site(facts: Facts) -> tuple[datetime, datetime] | None:
    """(a site's time, ours at that moment): asked for now, else seen by the filter."""
    now = next((s.server_time for s in facts.shown if s.server_time is not None), None)
    return (now, facts.now) if now is not None else facts.clock


def _length(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return n_("%(n)s minute", "%(n)s minutes", minutes)
    if minutes < 2 * 24 * 60:
        return n_("%(n)s hour", "%(n)s hours", minutes // 60)
    return n_("%(n)s day", "%(n)s days", minutes // (24 * 60))


def _where(where: str, whose: str, value: str) -> str:
    return f"{where}{f' ({whose})' if whose else ''}: {value}"

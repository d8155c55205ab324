"""Does SafeGuard itself do its work? Pure."""

from __future__ import annotations

from collections.abc import Iterator

from safeguard.language import _
from safeguard.proxy import ca_due
from safeguard.setup.doctor.facts import Facts, Finding


def not_running(facts: Facts) -> Iterator[Finding]:
    """Without a filter, browsers under policy show none of the watched sites, and others show them unfiltered."""
    if facts.port.ours:
        return
    if facts.running:
        if not facts.port.open:
            yield Finding(
                "other-port",
                _("A filter runs, but not on the port of the settings. Browsers that are told of that port show no watched site."),
                _("nothing of SafeGuard answers on port %(number)s", number=facts.port.number),
                _("Start the filter again without `--port`, or write the port that you want into the settings (`listen.port`)."),
            )
        return
    yield Finding(
        "not-running",
        _("The filter does not run. Browsers that go through it show no watched site; other browsers show them unfiltered."),
        _("nothing of SafeGuard answers on port %(number)s", number=facts.port.number) + (f"; {facts.service}" if facts.service else ""),
        _("`sudo systemctl restart safeguard` where it is installed, else `safeguard run`."),
    )


def port_taken(facts: Facts) -> Iterator[Finding]:
    """Another program sits where browsers look for the filter: it may only be in the way, or it may want to be taken for it."""
    if not facts.port.open or facts.port.ours:
        return
    holder = facts.port.holder
    if holder is None:
        who, mend = _("a program that could not be seen"), _("Run `sudo safeguard doctor`, which can name it.")
    elif not holder.pid:
        who = _("a program of the account %(account)s", account=holder.account)
        mend = _("Run `sudo safeguard doctor`, which can name it.")
    else:
        who = _("%(program)s (process %(pid)s) of the account %(account)s", program=holder.program, pid=holder.pid, account=holder.account)
        mend = _(
            "End that program, if you know it (`sudo kill %(pid)s`), or give SafeGuard another port: `listen.port` in the settings.",
            pid=holder.pid,
        )
    yield Finding(
        "port", _("Another program has taken SafeGuard's port."), _("port %(number)s: %(who)s", number=facts.port.number, who=who), mend
    )


def reduced(facts: Facts) -> Iterator[Finding]:
    """A site changed, and its profile no longer fits."""
    for title, since in facts.reduced:
        yield Finding(
            "reduced",
            _("%(title)s changed how its pages are made, and less of it is protected than before.", title=title),
            _("%(name)s, since %(since)s", name=title, since=since),
            _("Install newer rules: `safeguard update FILE`, with a pack from where SafeGuard comes from. Till then watch that site."),
        )


def certificate_authority(facts: Facts) -> Iterator[Finding]:
    """When the family's authority ends, no watched site opens."""
    if facts.ca_error:
        yield Finding(
            "authority",
            _("SafeGuard's certificate authority cannot be used."),
            facts.ca_error,
            _("`safeguard ca renew` makes a new one; browsers must trust it then: `sudo safeguard setup`."),
        )
    elif facts.ca_ends is not None and facts.ca_ends - facts.now < ca_due.WARN_BEFORE:
        over, day = facts.ca_ends <= facts.now, f"{facts.ca_ends:%Y-%m-%d}"
        yield Finding(
            "authority",
            _("SafeGuard's certificate authority has ended: no watched site opens.")
            if over
            else _("SafeGuard's certificate authority ends soon; then no watched site opens."),
            _("it ended on %(day)s", day=day) if over else _("it ends on %(day)s", day=day),
            _("`safeguard ca renew` makes a new one; browsers must trust it then: `sudo safeguard setup`."),
        )
    elif facts.ca_missing:
        yield Finding(
            "authority",
            _("Sites were added that SafeGuard's certificate authority is not for. Browsers that go through SafeGuard cannot open them."),
            ", ".join(facts.ca_missing),
            _("`safeguard ca renew` makes one that is for them; browsers must trust it then: `sudo safeguard setup`."),
        )


def settings(facts: Facts) -> Iterator[Finding]:
    """A wrong line stops every command."""
    if facts.settings_error:
        yield Finding(
            "settings",
            _("Your settings have a mistake, so SafeGuard does not start."),
            facts.settings_error,
            _("Mend the line that is named."),
        )


def rules(facts: Facts) -> Iterator[Finding]:
    """Broken rules: a running filter keeps the last good ones, the next start fails."""
    if facts.rules_error:
        yield Finding(
            "rules",
            _("Rules are broken. A running filter goes on with the last good ones and does not start again."),
            facts.rules_error,
            _("`safeguard rules lint` names every line; mend or remove the file."),
        )
    if facts.pack_unused:
        yield Finding(
            "pack",
            _("The pack of rules you installed is not in force; the rules that came with SafeGuard are."),
            facts.pack_unused,
            _("`safeguard update FILE` installs a pack, `safeguard update --rollback` removes this one."),
        )


def log(facts: Facts) -> Iterator[Finding]:
    """Without a log nothing that was hidden can be reviewed."""
    if facts.log_error:
        yield Finding(
            "log",
            _("The log cannot be used, so nothing that was hidden can be looked up."),
            facts.log_error,
            _("Is the disk full? A damaged log is set aside at the next start of the filter, and a new one begun."),
        )
    for name in facts.asides:
        yield Finding(
            "log-aside",
            _("A damaged log was set aside; what it held is not in the log any more."),
            name,
            _("Keep the file if you need what is in it, else delete it."),
            wrong=False,
        )


def alerts(facts: Facts) -> Iterator[Finding]:
    """Alerts wait in the log where the session shows none."""
    if facts.alerts:
        yield Finding(
            "alerts",
            _("Desktop alerts cannot be shown in this session. They wait in the log."),
            facts.alerts,
            _(
                "Log in to your desktop and run `safeguard agent` there; on Debian `sudo apt install libnotify-bin`. "
                "`alerts.enabled: false` in the settings if you want none."
            ),
            wrong=False,
        )


def unsent(facts: Facts) -> Iterator[Finding]:
    """A service that is down, or a password that was changed."""
    for name, since, why in facts.unsent:
        yield Finding(
            "unsent",
            _("Alerts to your phone or mail cannot be sent. They wait, and are tried again."),
            f"{_('%(name)s, since %(since)s', name=name, since=since)}: {why}",
            _("`safeguard alerts test` tries it now; `safeguard alerts remove` and `add` where your password or token has changed."),
        )


def pin(facts: Facts) -> Iterator[Finding]:
    """Without a PIN whoever sits at the parent's session may weaken the protection."""
    if facts.pin is False:
        yield Finding(
            "pin",
            _("No PIN is set: whoever sits at your session can weaken the protection."),
            "PIN",
            "`sudo safeguard pin set`",
        )

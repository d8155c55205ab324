"""Facts about a Linux PC and a parent's choices -> the plan. No I/O: what is written and run stands in the plan alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePath

from safeguard import config
from safeguard.config import AUTO
from safeguard.errors import InputError
from safeguard.guard.script import CHECK
from safeguard.language import _, spoken
from safeguard.policy import asking, notice, profile_file
from safeguard.proxy import ca_store
from safeguard.setup import policies, program, services, session, strict, trust
from safeguard.setup.facts import JAVA_STORE, Facts, Person
from safeguard.setup.plan import Account, Action, Folder, Plan, Run, Step, WriteFile
from safeguard.system import browser_pac, profiles_file
from safeguard.system.browser_probe import LOOPBACK
from safeguard.system.paths import PROGRAM, Paths
from safeguard.system.service_account import NAME

COMMAND = PurePath("/usr/local/bin/safeguard")
PLACES = Paths.of_system()
MARK = "# Made by the setup of SafeGuard."
_COMMAND = f"""#!/bin/sh
{MARK} Removed by: sudo safeguard uninstall
[ -d {PROGRAM} ] && exec {PROGRAM}/{program.LAUNCHER} "$@"
# Setup puts the program first and removal takes it last, so without it nothing else of SafeGuard is left but this.
[ "$(id -u)" = 0 ] || {{ echo "safeguard: not whole, because a setup or removal was cut off; run: sudo safeguard repair" >&2; exit 2; }}
case "$1" in
repair | uninstall) rm -rf {PROGRAM}.part {PROGRAM}.removed /var/lib/safeguard-setup && rm -f {COMMAND} && echo "SafeGuard is removed." ;;
*) echo "safeguard: not whole, because a setup or removal was cut off; run: safeguard repair" >&2; exit 2 ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the parent decides.

    child: the account to be protected; profile: of it; browsers: what those may do; strict: it reaches the filter and nothing else;
    parents: the accounts in whose sessions `safeguard agent` gets the service's alerts; it starts there with each login.
    language: of what they read, "" for what stands.
    """

    child: str
    profile: str
    browsers: policies.Options = field(default_factory=policies.Options)
    strict: bool = False
    parents: tuple[str, ...] = ()
    language: str = ""


def _ask(facts: Facts, choices: Choices) -> tuple[str, str]:
    """Where the child asks for a check, in the child's language; every watched host answers there, and the site itself learns nothing."""
    lang = facts.settings.lang if facts.settings.lang != AUTO else choices.language or facts.settings.parents
    return asking.ASK[notice.language(lang, spoken())], f"https://{facts.domains[0]}{CHECK}"


def plan(facts: Facts, choices: Choices) -> Plan:
    """Raises InputError for a child or profile that is not there."""
    child = person(facts, choices.child)
    parents = [person(facts, name) for name in dict.fromkeys(choices.parents)]
    if child in parents:
        raise InputError(_("%(parent)s is the child; alerts are for a parent's account", parent=child.name))
    seen = Step(
        "sessions",
        _(
            "Put the parents' page into the menu of %(parents)s, and show alerts there after each login.",
            parents=", ".join(choices.parents),
        ),
        session.entries(parents, COMMAND),
    )
    python = (str(PROGRAM / program.PYTHON),)
    launcher = str(PROGRAM / program.LAUNCHER)
    proxy = f"{LOOPBACK}:{facts.settings.port}"
    pac = browser_pac.all_url(proxy) if choices.strict else browser_pac.data_url(facts.domains, proxy)
    root = facts.authority.root_pem
    told = policies.files(pac, root, replace(choices.browsers, ask=_ask(facts, choices)), facts.policies)
    service = services.Service((launcher, "supervise"), NAME)
    uids = strict.accounts(child.uid, child.name, facts.subuid)
    firewall = strict.actions(uids, facts.settings.port, at_boot=facts.manager.at_boot)
    halt = Run(facts.manager.stop(service), undo=facts.manager.start(service), meanwhile=True)
    return (
        Step("command", _("Put the command %(command)s in place.", command=COMMAND), (WriteFile(COMMAND, _COMMAND.encode(), 0o755),)),
        *([Step("stop", _("Stop the older filter; the watched sites do not open meanwhile."), (halt,))] if facts.installed else []),
        Step("program", _("Copy the program to %(program)s.", program=PROGRAM), (program.tree(facts.program, PROGRAM),)),
        Step(
            "account",
            _("Make the system account %(name)s for the filter; nobody can log in to it.", name=NAME),
            (Account(NAME, PLACES.state),),
        ),
        Step(
            "places", _("Make the folders for settings, log and caches, which only the filter and root can open."), _places(facts, choices)
        ),
        Step(
            "system",
            _("Let this computer trust the family's own certificate, good for the watched sites alone."),
            (*_java(facts), *trust.system(root)),
        ),
        Step("child", _("Let the browsers of %(child)s trust it.", child=choices.child), trust.databases(python, choices.child)),
        Step(
            "browsers",
            _("Tell Chromium, Chrome, Edge, Brave and Firefox by policy to open the watched sites through the filter alone."),
            tuple(WriteFile(path, data) for path, data in told.items()),
        ),
        *([seen] if parents else []),
        Step("rules", _("Read the rules once, so that the filter starts at once."), (Run((launcher, "check", "hello"), account=NAME),)),
        Step(
            "self-test",
            _("Try it: a browser, as %(child)s, opens a sample page through the filter.", child=choices.child),
            (Run((*python, "-m", "safeguard.setup.selftest", "look", choices.child, NAME), shown=True),),
        ),
        *(
            [Step("strict", _("Let %(child)s reach the filter and nothing else of the internet.", child=choices.child), firewall)]
            if choices.strict
            else []
        ),
        Step(
            "service", _("Start the filter by %(name)s, now and whenever it ends.", name=facts.manager.name), facts.manager.install(service)
        ),
    )


def person(facts: Facts, name: str) -> Person:
    """The account of that name. Raises InputError with those there are."""
    for one in facts.people:
        if one.name == name:
            return one
    there = ", ".join(p.name for p in facts.people) or "none; make one in the settings of this computer"
    raise InputError(_("no account %(name)s that somebody logs in to; there is: %(there)s", name=repr(name), there=there))


def _java(facts: Facts) -> tuple[Action, ...]:
    """Debian puts the system's certificates into Java's store too, but takes none out again."""
    name = f"debian:{trust.SYSTEM_ROOT.stem}.pem"
    forget = ("keytool", "-delete", "-noprompt", "-alias", name, "-keystore", str(JAVA_STORE), "-storepass", "changeit")
    return (Run((), undo=forget),) if facts.java else ()


def _places(facts: Facts, choices: Choices) -> tuple[Action, ...]:
    family = facts.family.with_account(choices.child, choices.profile)
    told = facts.settings_file or b"# The settings of SafeGuard; its README lists them.\n"
    told = config.with_language(told, choices.language) if choices.language else told
    return (
        *(Folder(place, 0o700, NAME) for place in (PLACES.config, PLACES.state, PLACES.cache)),
        WriteFile(PLACES.settings, told, 0o600, NAME, once=told == facts.settings_file),
        WriteFile(profiles_file.place(PLACES), profile_file.render(family), 0o600, NAME),
        WriteFile(PLACES.parents, "".join(f"{name}\n" for name in choices.parents).encode("utf-8", "surrogateescape"), 0o600, NAME),
        Folder(PLACES.door.parent, 0o755, NAME),
        Folder(PLACES.state / "ca", 0o700, NAME),
        WriteFile(PLACES.state / "ca" / ca_store.FILE, facts.authority.to_pem(), 0o600, NAME),
        WriteFile(PLACES.state / "ca" / ca_store.PUBLIC, facts.authority.root_pem, 0o644, NAME),
    )

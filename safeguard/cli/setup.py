"""`safeguard setup`, `uninstall`, `repair`: puts SafeGuard on this PC, takes it off, and finishes what was cut off. Root's alone."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import click

from safeguard.cli.common import say
from safeguard.cli.guarded import ask
from safeguard.cli.pin import new_pin, print_code
from safeguard.config import AUTO
from safeguard.errors import InputError, SetupError
from safeguard.language import LANGS, N_, NAMES, _, spoken
from safeguard.setup import elsewhere, executor, facts, linux, macos, powershell, shell, windows
from safeguard.setup.journal import Journal
from safeguard.setup.plan import Plan
from safeguard.setup.policies import Options
from safeguard.setup.told import lines
from safeguard.system import catalogue
from safeguard.system.paths import Paths
from safeguard.system.pin import PinStore
from safeguard.system.terminal import safe

ALLOW = ("private-windows", "guest", "extensions", "own-dns")
SYSTEMS = ("linux", "windows", "macos")
HERE = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
WHICH = N_("Language?")
pin_option = click.option(
    "--pin-file", metavar="FILE|-", help="Read the PIN from the first line of FILE (- is standard input), not the terminal."
)
yes_option = click.option("--yes", is_flag=True, help="Ask nothing; for scripts.")


def _root(command: str) -> None:
    if os.name != "posix" or os.geteuid() != 0:
        raise SetupError(
            _("%(command)s changes this computer, so it is for its administrator; run: sudo safeguard %(command)s", command=command)
        )


def _end(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@click.command()
@click.option("--child", metavar="ACCOUNT", help="The account of this computer that is to be protected; asked for unless given.")
@click.option("--profile", metavar="NAME", help="Its profile; asked for unless given.")
@click.option("--language", type=click.Choice(LANGS), help="What SafeGuard speaks to you; asked for unless given.")
@click.option("--parent", "parents", metavar="ACCOUNT", multiple=True, help="Whose session gets alerts; yours unless given.")
@click.option("--allow", type=click.Choice(ALLOW), multiple=True, help="What the browsers may do all the same; give it once for each.")
@click.option("--strict/--no-strict", default=None, help="Let the child's account reach the filter and nothing else of the internet.")
@pin_option
@click.option("--dry-run", is_flag=True, help="Print every step and change nothing.")
@click.option("--system", type=click.Choice(SYSTEMS), default=HERE, help="With --dry-run: for which system; this one unless given.")
@yes_option
def setup(
    child: str | None,
    profile: str | None,
    language: str | None,
    parents: tuple[str, ...],
    allow: tuple[str, ...],
    strict: bool | None,
    pin_file: str | None,
    dry_run: bool,
    system: str,
    yes: bool,
) -> None:
    """Put SafeGuard on this computer, for good. Every step is listed before it is done, and taken back where one fails.

    The PIN is a new one the first time. Over an older SafeGuard it is asked, and log, settings, profiles and PIN are kept.

    \b
    Example:
      safeguard setup --dry-run --child anna --profile young-child
      sudo safeguard setup
    """
    if language:
        catalogue.speak(language)
    if system != "linux" and dry_run:
        _print(system, child, profile, allow, bool(strict))
        return
    if system != "linux" or HERE != "linux":
        where = HERE if system == "linux" else system
        raise SetupError(
            _("setup on %(where)s is written, but has not been tried on a real machine; add --dry-run to see what it would do", where=where)
        )
    if dry_run:
        before: Mapping[str, Any] = {}
        found = facts.look(Paths.of_system(), installed=False)
        choices = replace(_choices(found, child, profile, parents, allow, strict, before, ask=False), language=language or "")
        _list(linux.plan(found, choices), every=True)
        _not_covered(found)
        return
    _root("setup")
    journal = _ready()
    try:
        before = journal.made_with
        found = facts.look(Paths.of_system(), installed=bool(before))
        language = language or _asked_language(found, ask=not yes)
        choices = _choices(found, child, profile, parents, allow, strict, before, ask=not yes)
        choices = replace(choices, language=language)
        plan = linux.plan(found, choices)
        _list(plan)
        _not_covered(found)
        if not yes:
            click.confirm(_("Do this now?"), abort=True)
        pins = PinStore(Paths.of_system().pin)
        pin = ""
        if before and pins.is_set():
            ask(pin_file, pins)
        else:
            pin = new_pin(pin_file, "--pin-file")
        _do(plan, journal, choices)
        if pin:
            print_code(pins.set(pin))
    finally:
        _leave(journal)
    click.echo(
        _(
            "SafeGuard protects %(child)s, with the profile %(profile)s, in every browser that is started from now on.",
            child=safe(choices.child),
            profile=choices.profile,
        )
    )
    if choices.parents:
        whose = safe(", ".join(choices.parents))
        click.echo(_("Log out and in again as %(parents)s: the parents' page stands in the menu, and alerts are shown.", parents=whose))


@click.command()
@pin_option
@yes_option
def uninstall(pin_file: str | None, yes: bool) -> None:
    """Take SafeGuard off this computer, its log too. What it changed is as it was before.

    \b
    Example:
      safeguard uninstall
      safeguard uninstall --yes --pin-file pin.txt
    """
    _root("uninstall")
    journal = Journal.open()
    if journal is None:
        click.echo(_("SafeGuard is not installed on this computer."))
        return
    try:
        if journal.made_with and not journal.removing:
            ask(pin_file, PinStore(Paths.of_system().pin))
        if not yes:
            click.confirm(_("Remove SafeGuard, with its settings and its log?"), abort=True)
        executor.uninstall(journal)
    finally:
        journal.close()
    click.echo(_("SafeGuard is removed. Browsers that are open keep its rules until they are closed."))


@click.command()
def repair() -> None:
    """Finish what was cut off: a removal goes on to its end, half a setup is taken back. A whole SafeGuard is set up again as it was.

    \b
    Example:
      safeguard repair
    """
    _root("repair")
    journal = Journal.open()
    if journal is None:
        click.echo(_("There is nothing to repair: SafeGuard is not installed on this computer."))
        return
    try:
        if journal.removing:
            executor.uninstall(journal)
            click.echo(_("The removal that was cut off is finished."))
            return
        if executor.roll_back(journal):
            click.echo(_("The setup that was cut off is taken back."))
        if journal.live:
            found = facts.look(Paths.of_system(), installed=True)
            choices = _choices(found, None, None, (), (), None, journal.made_with, ask=False)
            _do(linux.plan(found, choices), journal, choices)
            click.echo(_("SafeGuard is set up again as it was."))
    finally:
        _leave(journal)


def _ready() -> Journal:
    """The journal, without anything cut off in it."""
    journal = Journal.open(make=True)
    assert journal is not None
    if journal.removing:
        say(_("A removal was cut off; it is finished first."))
        executor.uninstall(journal)
        return _ready()
    if executor.roll_back(journal):
        say(_("A setup was cut off; what it did is taken back first."))
    return journal


def _leave(journal: Journal) -> None:
    if journal.live:
        journal.close()
    else:
        journal.discard()


def _do(plan: Plan, journal: Journal, choices: linux.Choices) -> None:
    windows = choices.browsers
    allowed = [
        n for n, yes in zip(ALLOW, (windows.private_windows, windows.guest, windows.extensions, windows.own_dns), strict=True) if yes
    ]
    made_with = {
        "child": choices.child,
        "profile": choices.profile,
        "allow": allowed,
        "strict": choices.strict,
        "parents": list(choices.parents),
    }
    before = {number: signal.signal(number, _end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        executor.carry_out(plan, journal, made_with, say)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _choices(
    found: facts.Facts,
    child: str | None,
    profile: str | None,
    parents: tuple[str, ...],
    allow: tuple[str, ...],
    strict: bool | None,
    before: Mapping[str, Any],
    ask: bool,
) -> linux.Choices:
    """What is given, else what the setup before was made with, else what the parent answers."""
    child = child or before.get("child") or _asked_child(found, ask)
    linux.person(found, child)
    if facts.is_administrator(child):
        say(
            _(
                "%(child)s is an administrator of this computer and can take all of this off again; give the child a standard account.",
                child=child,
            )
        )
    profile = profile or before.get("profile") or _asked_profile(found, ask)
    allowed = allow or before.get("allow", ())
    strictly = bool(before.get("strict")) if strict is None else strict
    mine = os.environ.get("SUDO_USER", "")
    known = [mine] if mine != child and any(p.name == mine for p in found.people) else []
    told = parents or before.get("parents") or known
    return linux.Choices(child, found.family.named(profile).name, _options(allowed), strictly, tuple(told))


def _options(allowed: Sequence[str]) -> Options:
    """Of names of ALLOW."""
    return Options(
        private_windows="private-windows" in allowed,
        guest="guest" in allowed,
        extensions="extensions" in allowed,
        own_dns="own-dns" in allowed,
    )


def _print(system: str, child: str | None, profile: str | None, allow: tuple[str, ...], strict: bool) -> None:
    """What setup would do on a system where it has not been tried, as its commands."""
    if strict:
        raise InputError(_("--strict is for Linux"))
    if child is None:
        raise InputError(_("which account is the child's? give --child ACCOUNT"))
    python, source = windows.EXAMPLE if system == "windows" else macos.EXAMPLE
    if system == HERE:
        python, source = sys.executable, str(Path.cwd())
    wanted = elsewhere.look(child, profile, _options(allow), python, source)
    told = powershell.script(windows.plan(wanted)) if system == "windows" else shell.script(macos.plan(wanted))
    say(_("This is what setup would do on %(system)s. It has not been tried on a real machine; nothing is changed.", system=system))
    for line in told.splitlines():
        click.echo(safe(line))


def _asked_child(found: facts.Facts, ask: bool) -> str:
    names = [p.name for p in found.people]
    if not ask or not names:
        raise InputError(_("which account is the child's? give --child ACCOUNT; there is: %(names)s", names=", ".join(names) or "-"))
    standard = [n for n in names if not facts.is_administrator(n)]
    said: str = click.prompt(
        _("Which account is the child's?"), type=click.Choice(names), default=standard[0] if len(standard) == 1 else None
    )
    return said


def _asked_language(found: facts.Facts, ask: bool) -> str:
    """Spoken from here on; "" where the settings stay as they are: they have one, or an older SafeGuard's are kept and nobody is asked."""
    if found.settings.parents != AUTO:
        catalogue.speak(found.settings.parents)
        return ""
    if not ask:
        return "" if found.installed else spoken()
    for number, name in enumerate(NAMES.values(), 1):
        click.echo(f"{number}. {name}")
    prompt = " / ".join(catalogue.words(lang).said.get(WHICH, (WHICH,))[0] for lang in LANGS)
    said: int = click.prompt(prompt, type=click.IntRange(1, len(LANGS)), default=LANGS.index(spoken()) + 1)
    catalogue.speak(LANGS[said - 1])
    return LANGS[said - 1]


def _asked_profile(found: facts.Facts, ask: bool) -> str:
    if not ask:
        return found.family.default
    said: str = click.prompt(_("Which profile?"), type=click.Choice(list(found.family.profiles)), default=found.family.default)
    return said


def _not_covered(found: facts.Facts) -> None:
    """Browsers of this PC that setup does not reach."""
    from safeguard.setup.doctor import look_packed

    for browser in look_packed.there(Path("/"), [(p.name, Path(p.home)) for p in found.people]):
        say(
            _(
                "Not protected is %(browser)s, which may not heed policies: remove it (%(command)s), or use --strict.",
                browser=safe(browser.title),
                command=safe(browser.place),
            )
        )


def _list(plan: Plan, every: bool = False) -> None:
    """every: with what each step writes and runs."""
    for number, step in enumerate(plan, 1):
        click.echo(f"{number:2}. {step.says}")
        for line in lines(step) if every else ():
            click.echo(f"      {safe(line)}")
    sys.stdout.flush()

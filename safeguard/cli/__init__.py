"""The command line: one file a group, loaded only when its command is called, so that `check` does not pay for the proxy."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from types import TracebackType

import click

from safeguard import __version__
from safeguard.cli import speech
from safeguard.errors import SafeguardError
from safeguard.language import N_, _
from safeguard.system import service_account
from safeguard.system.terminal import safe

INTERNAL_ERROR = 3

COMMANDS = {
    "demo": ("safeguard.cli.demo:demo", N_("Show what SafeGuard does, on a small sample network of its own.")),
    "run": ("safeguard.cli.run:run", N_("Run the filter until Ctrl-C.")),
    "supervise": ("safeguard.cli.supervise:supervise", N_("Run the filter until Ctrl-C, and start it again whenever it ends.")),
    "browse": ("safeguard.cli.browse:browse", N_("Open a browser that goes through the filter.")),
    "open": ("safeguard.cli.open:open_", N_("Open the parents' page in your browser.")),
    "status": ("safeguard.cli.status:status", N_("Say whether the filter runs, and what it protects.")),
    "ca": ("safeguard.cli.ca:ca", N_("Look at the certificate that browsers trust for the watched sites, and renew it.")),
    "check": ("safeguard.cli.check:check", N_("Say whether a text is hate or a threat, and why.")),
    "filter": ("safeguard.cli.filter:filter_", N_("Filter saved answers of websites, without a network.")),
    "log": ("safeguard.cli.log:log", N_("What was hidden, and why; allow, export, count, delete.")),
    "report": ("safeguard.cli.report:report", N_("Make a package of evidence of chosen entries of the log, or check one.")),
    "agent": ("safeguard.cli.agent:agent", N_("Show desktop alerts in this session until Ctrl-C.")),
    "alerts": ("safeguard.cli.alerts:alerts", N_("Alerts to your phone or mail, besides those on your desktop.")),
    "profile": ("safeguard.cli.profile:profile", N_("What is done for which child.")),
    "update": ("safeguard.cli.update:update", N_("Install newer rules and site profiles from a signed file, or go back.")),
    "doctor": ("safeguard.cli.doctor:doctor", N_("Name what is wrong on this computer, and how to mend it.")),
    "setup": ("safeguard.cli.setup:setup", N_("Put SafeGuard on this computer, for good.")),
    "repair": ("safeguard.cli.setup:repair", N_("Finish what was cut off.")),
    "uninstall": ("safeguard.cli.setup:uninstall", N_("Take SafeGuard off this computer, its log too.")),
    "sites": ("safeguard.cli.sites:sites", N_("Which sites are watched.")),
    "pin": ("safeguard.cli.pin:pin", N_("The PIN that is asked before anything weakens protection: at least 6 digits or 8 characters.")),
    "rules": ("safeguard.cli.rules:rules", N_("Look at the rules, change and check your own, test them.")),
}

AS_ROOT = ("setup", "repair", "uninstall", "supervise", "doctor", "update")
"""What needs root's rights in an installed SafeGuard (doctor and update only at their beginning, to read what is another account's);
all else that root calls there is done as the service's account."""


KEY_LOGS = ("SSLKEYLOGFILE", "MITMPROXY_SSLKEYLOGFILE")
"""What makes mitmproxy, Python's ssl and browsers write the keys of every connection to a file: whoever has it reads what was encrypted."""


class LazyGroup(click.Group):
    """A group that knows its commands by name and one line of help, and imports a command only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return speech.translated(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(text)) for name, (where, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def app(ctx: click.Context) -> None:
    """SafeGuard hides hate and threats on social networks from a child.

    \b
    Example:
      safeguard demo
      safeguard check "Good morning, neighbours"

    Settings are read from settings.yaml in this account's settings folder; README.md lists them.
    Exit codes: 0 done, 1 the answer is no, 2 wrong usage or input, 3 an error of ours.
    """
    if ctx.invoked_subcommand not in AS_ROOT:
        service_account.become()


MOST_LINES = 20  # of one error; rule files can have thousands


def _internal(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Last stop of an unforeseen error: Python itself would exit with 1, which means `the answer is no` here."""
    traceback.print_exception(kind, error, trace)
    print(_("safeguard: internal error; please report it with the lines above"), file=sys.stderr)
    raise SystemExit(INTERNAL_ERROR)


def main() -> None:
    """Entry point of `safeguard`."""
    sys.excepthook = _internal
    for name in KEY_LOGS:
        os.environ.pop(name, None)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a console in another charset must not break a word in five alphabets
            reconfigure(encoding="utf-8", errors="backslashreplace")
    speech.choose()
    try:
        speech.translated(app).main(prog_name="safeguard")
    except SafeguardError as e:
        said = safe(str(e), lines=True).splitlines()
        print("\n".join(said[:MOST_LINES]), file=sys.stderr)
        if len(said) > MOST_LINES:
            print(_("… and %(count)s more; `safeguard rules lint` shows all", count=len(said) - MOST_LINES), file=sys.stderr)
        raise SystemExit(e.exit_code) from e

"""`safeguard supervise`: the filter as a service that is never gone for long. What the system's service manager starts."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import click

from safeguard.cli.common import config_option, port_option, until_told
from safeguard.cli.run import run  # loaded here, so that no filter we start has to load it
from safeguard.setup import supervisor
from safeguard.system.paths import is_installed
from safeguard.system.service_account import NAME


@click.command()
@click.option(
    "--account", metavar="NAME", help="Account whose rights the filter has; for root the installed one's, else yours, unless given."
)
@port_option
@config_option
def supervise(account: str | None, port: int | None, file: Path | None) -> None:
    """Run the filter until Ctrl-C, and start it again whenever it ends. It is back within a second or two.

    \b
    Example:
      safeguard supervise
      sudo safeguard supervise --account safeguard
    """
    told = [*(["--port", str(port)] if port else []), *(["--config", str(file)] if file else [])]
    who = supervisor.account_of(account or (NAME if os.geteuid() == 0 and is_installed() else getpass.getuser()))
    with until_told() as stop:
        supervisor.keep(lambda: run.main(told, standalone_mode=False), who, stop)

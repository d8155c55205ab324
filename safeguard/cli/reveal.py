"""`safeguard log show CODE --reveal`: the hidden text itself, out of the memory of the running filter."""

from __future__ import annotations

import click

from safeguard.cli.common import console, outside, print_json
from safeguard.system import reveal
from safeguard.system.paths import Paths

GONE = "no text for this code in memory: it is kept for at most an hour, only while SafeGuard runs, and only where the profile says `blur`"
NOT_RUNNING = "SafeGuard is not running, so no hidden text is in memory"


def print_original(code: str, as_json: bool) -> None:
    """Print it, or one line on standard error and exit code 1 where nobody has it. code: as the log has it."""
    answer = reveal.ask(Paths.of_user().state, code)
    if answer.text is None:
        click.echo(GONE if answer.asked else NOT_RUNNING, err=True)
        raise SystemExit(1)
    if as_json:
        print_json({"code": code, "text": answer.text})
    else:
        console().print(outside(answer.text))

"""Every command and every group explains itself with an example, and the exit codes are those of the design."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import click
import pytest
from click.testing import CliRunner, Result

from safeguard.cli import app

Call = Callable[..., Result]


def paths(command: click.Command, name: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield name
    if isinstance(command, click.Group):
        for sub in command.list_commands(click.Context(command)):
            child = command.get_command(click.Context(command), sub)
            assert child is not None
            yield from paths(child, (*name, sub))


@pytest.mark.parametrize("name", list(paths(app)), ids=" ".join)
def test_help_has_an_example_that_begins_with_the_command(name: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*name, "--help"], prog_name="safeguard")
    assert done.exit_code == 0
    _, _, example = done.output.partition("Example:\n")
    assert example.strip().startswith(" ".join(("safeguard", *name)))


@pytest.mark.parametrize(
    ("args", "code"),
    [
        pytest.param(["log", "list"], 0, id="done"),
        pytest.param(["log", "purge", "--all", "--yes"], 0, id="nothing to do is done"),
        pytest.param(["rules", "lint", "/nowhere.yaml"], 2, id="a file that is not there"),
        pytest.param(["log", "show", "NONE"], 2, id="a code that is not there"),
        pytest.param(["log", "export", "--format", "xml"], 2, id="a choice that is not there"),
        pytest.param(["log", "purge", "--older-than", "-1", "--yes"], 2, id="a number out of range"),
        pytest.param(["rules", "add"], 2, id="an argument is missing"),
        pytest.param(["log", "list", "more"], 2, id="an argument too much"),
    ],
)
def test_exit_codes(call: Call, args: list[str], code: int) -> None:
    done = call(*args)
    assert done.exit_code == code
    assert "Traceback" not in done.output
    assert bool(done.stderr) is (code == 2)

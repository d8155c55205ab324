"""README names every command, option and setting there is, with its default, and none that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from safeguard import config
from safeguard.cli import COMMANDS, app
from safeguard.text.unit import Role

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
DESIGN = (ROOT / "safeguard" / "README.md").read_text()


def commands(command: click.Command, name: str = "safeguard") -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for sub in command.list_commands(click.Context(command)):
            child = command.get_command(click.Context(command), sub)
            assert child is not None
            yield from commands(child, f"{name} {sub}")
    else:
        yield name, command


ALL = dict(commands(app))
ROWS = {m[1]: m[0] for m in re.finditer(r"^\| `(safeguard[a-z -]*?[a-z])(?: [\"A-Z-].*?)?` \|.*$", README, re.M)}


@pytest.mark.parametrize("name", ALL)
def test_every_command_has_its_row(name: str) -> None:
    assert name in ROWS


@pytest.mark.parametrize("name", ROWS)
def test_every_row_is_a_command(name: str) -> None:
    assert name in ALL


@pytest.mark.parametrize(
    ("name", "option"),
    [(n, o) for n, c in ALL.items() for p in c.params if isinstance(p, click.Option) for o in p.opts if o.startswith("--")],
)
def test_every_option_stands_in_its_row(name: str, option: str) -> None:
    if option != "--help":
        assert f"{option}" in ROWS[name]


@pytest.mark.parametrize("name", ALL)
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    command = ALL[name]
    assert command.help
    assert re.search(rf"Example:\n +{name}\b", command.help)
    for param in command.params:
        if isinstance(param, click.Option):
            assert param.help, f"{name} {param.opts} has no help"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_the_command_says(name: str) -> None:
    command = app.get_command(click.Context(app), name)
    assert command is not None
    assert (command.help or "").replace("\n", " ").startswith(COMMANDS[name][1].rstrip("."))


@pytest.mark.parametrize("setting", config.SETTINGS, ids=lambda s: s.key)
def test_every_setting_has_its_row_with_its_default(setting: config.Setting) -> None:
    [row] = re.findall(rf"^\| `{re.escape(setting.key)}` \| (.*?) \|", README, re.M)
    default = config.defaults()[setting.key]
    if isinstance(default, bool):
        assert row == f"`{str(default).lower()}`"
    elif default:
        assert row == f"`{default}`"
    else:
        assert row


def test_no_row_for_a_setting_that_is_not_there() -> None:
    table = README.partition("## Settings")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z_.]+)` \|", table, re.M)) == {s.key for s in config.SETTINGS}


def test_the_readme_opens_with_what_it_is_the_picture_and_the_two_commands() -> None:
    picture, demo, test = (README.index(part) for part in ("![", "make demo", "make test"))
    assert 0 < README.index("hides hate and threats") < picture < demo < test < README.index("## Use")


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md", "safeguard/README.md", "rules/README.md", "CHANGELOG.md"])
def test_links_lead_somewhere(file: str) -> None:
    path = ROOT / file
    prose = re.sub(r"^    .*$|`[^`\n]*`", "", path.read_text(), flags=re.M)
    for target in re.findall(r"\]\(([^)#:]+)\)", prose):
        assert (path.parent / target).exists(), f"{file}: {target} is not there"


def test_the_design_names_every_room() -> None:
    package = ROOT / "safeguard"
    for room in [p.parent.name for p in package.glob("*/__init__.py")] + [p.name for p in package.glob("[a-z]*.py")]:
        assert room in DESIGN, f"safeguard/README.md does not speak of {room}"


def test_the_design_names_every_role() -> None:
    for role in Role:
        assert role.value in DESIGN

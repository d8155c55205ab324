"""The plans for Windows and macOS by their tables: which commands, taken back how, and nothing that a name could break out of."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import plistlib
import shlex
import ssl
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import pytest
from click.testing import CliRunner

from safeguard.cli import app
from safeguard.cli import setup as cli_setup
from safeguard.errors import InputError, SetupError
from safeguard.proxy import ca
from safeguard.setup import macos, policies, powershell, registry, shell, told, windows
from safeguard.setup.elsewhere import Wanted
from safeguard.setup.plan import Account, Action, Folder, Plan, Run, WriteFile
from safeguard.system import browser_pac

MADE = ca.issue(("social.test",), dt.datetime.now(dt.UTC))
WANTED = Wanted(
    child="anna",
    profiles=b"default: young-child\n",
    browsers=policies.Options(allowed_extensions=("a" * 32,), firefox_addons=("x@y",)),
    authority=MADE.to_pem(),
    root=MADE.root_pem,
    domains=("social.test",),
    port=8877,
    python="/opt/some python",
    source='/tmp/it\'s "here"',
)
PLANS = {"windows": windows.plan, "macos": macos.plan}
SHA1 = hashlib.sha1(ssl.PEM_cert_to_DER_cert(MADE.root_pem.decode()), usedforsecurity=False).hexdigest()
IN_A_FOLDER = {"venv", "pip", "icacls"}
"""Runs whose doing is gone with the folder it is in."""

both = pytest.mark.parametrize("system", PLANS)


def actions[T](plan: Plan, kind: type[T]) -> list[T]:
    return [a for step in plan for a in step.actions if isinstance(a, kind)]


def runs(plan: Plan, step: str) -> list[Run]:
    return [a for s in plan if s.id == step for a in s.actions if isinstance(a, Run)]


@both
def test_the_steps(system: str) -> None:
    plan = PLANS[system](WANTED)
    ids = ["child", "program", "account", "places", "system", "browsers", "service"]
    assert [s.id for s in plan] == [i for i in ids if i != "account" or system == "macos"]
    assert all(s.says.endswith(".") and all(told.lines(s)) for s in plan)


def is_a_check(run: Run) -> bool:
    return run.command[-2:] == ("sh", "anna") or run.command[-2:] == ("sh", macos.IDENTIFIER) or "throw" in run.command[-1]


@both
def test_every_command_is_taken_back_or_goes_with_its_folder_or_only_looks(system: str) -> None:
    plan = PLANS[system](WANTED)
    for run in actions(plan, Run):
        assert run.undo or is_a_check(run) or any(word in " ".join(run.command) for word in IN_A_FOLDER), run
    assert len([r for r in actions(plan, Run) if r.undo]) > 3


@both
def test_programs_are_named_by_their_whole_path(system: str) -> None:
    for run in actions(PLANS[system](WANTED), Run):
        for words in filter(None, (run.command, run.undo)):
            assert words[0].startswith(("/", "C:\\")), words


@both
def test_what_is_private_is_the_filters_alone_and_never_printed(system: str) -> None:
    plan = PLANS[system](WANTED)
    [key] = [f for f in actions(plan, WriteFile) if b"PRIVATE KEY" in f.data]
    assert key.mode == 0o600
    script = powershell.script(plan) if system == "windows" else shell.script(plan)
    assert "PRIVATE KEY" not in script + repr(plan)
    assert f"{key.path}: private" in script


WINDOWS_TRUST = (
    ("C:\\Windows\\System32\\certutil.exe", "-addstore", "-f", "Root", "C:\\Program Files\\SafeGuard\\safeguard-root.crt"),
    ("C:\\Windows\\System32\\certutil.exe", "-delstore", "Root", SHA1),
)
TASKS = "C:\\Windows\\System32\\schtasks.exe"
MAC_CHAIN, MAC_ROOT = "/Library/Keychains/System.keychain", "/Library/Application Support/SafeGuard/safeguard-root.crt"


@pytest.mark.parametrize(
    ("system", "step", "told"),
    [
        ("windows", "system", [WINDOWS_TRUST]),
        (
            "windows",
            "service",
            [
                (
                    (TASKS, "/Create", "/TN", "SafeGuard", "/XML", "C:\\ProgramData\\SafeGuard\\task.xml"),
                    (TASKS, "/Delete", "/TN", "SafeGuard", "/F"),
                ),
                ((TASKS, "/Run", "/TN", "SafeGuard"), (TASKS, "/End", "/TN", "SafeGuard")),
            ],
        ),
        (
            "macos",
            "system",
            [
                ((), ("/usr/bin/security", "delete-certificate", "-Z", SHA1.upper(), MAC_CHAIN)),
                (
                    ("/usr/bin/security", "add-trusted-cert", "-d", "-r", "trustRoot", "-k", MAC_CHAIN, MAC_ROOT),
                    ("/usr/bin/security", "remove-trusted-cert", "-d", MAC_ROOT),
                ),
            ],
        ),
        (
            "macos",
            "service",
            [
                (
                    ("/bin/launchctl", "bootstrap", "system", "/Library/LaunchDaemons/org.safeguard.filter.plist"),
                    ("/bin/launchctl", "bootout", "system/org.safeguard.filter"),
                )
            ],
        ),
    ],
)
def test_the_commands_of_a_step(system: str, step: str, told: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> None:
    assert [(r.command, r.undo) for r in runs(PLANS[system](WANTED), step)] == told


def test_rights_on_windows_are_the_systems_and_the_administrators_alone() -> None:
    first, look = runs(windows.plan(WANTED), "places")
    assert first.command[1:] == (
        "C:\\ProgramData\\SafeGuard",
        "/inheritance:r",
        "/grant:r",
        "*S-1-5-18:(OI)(CI)F",
        "*S-1-5-32-544:(OI)(CI)F",
    )
    assert "Get-ChildItem -Force" in look.command[-1]


def read_back(values: tuple[registry.Value, ...], top: str) -> dict[str, Any]:
    """What a browser would read: keys as objects, JSON where it is JSON, numbered values as lists, numbers for booleans."""
    out: dict[str, Any] = {}
    for value in values:
        if value.key != top and not value.key.startswith(top + "\\"):
            continue
        place = out
        for part in value.key[len(top) + 1 :].split("\\") if value.key != top else ():
            place = place.setdefault(part, {})
        is_json = value.kind != "REG_DWORD" and value.data.startswith("{")
        place[value.name] = int(value.data) if value.kind == "REG_DWORD" else json.loads(value.data) if is_json else value.data
    return out


def listed(value: Any) -> Any:
    """Lists as the registry has them."""
    if isinstance(value, dict):
        return {k: listed(v) for k, v in value.items()}
    return {str(n): v for n, v in enumerate(value, 1)} if isinstance(value, list) else value


PAC = browser_pac.data_url(("social.test",), "127.0.0.1:8877")


@pytest.mark.parametrize(("key", "brand"), registry.CHROMIUM.items())
def test_the_registry_says_what_chromiums_files_say_on_linux(key: str, brand: str) -> None:
    assert read_back(windows.values(WANTED), key) == listed(policies.chromium(PAC, MADE.root_pem, WANTED.browsers, brand))


def test_the_registry_says_what_firefoxs_file_says_on_linux() -> None:
    expected = policies.firefox(PAC, str(windows.ROOT), WANTED.browsers)
    got = read_back(windows.values(WANTED), registry.FIREFOX)
    as_json = ("Preferences", "ExtensionSettings")
    assert got == {name: value if name in as_json else listed(value) for name, value in expected.items()}


def test_every_brand_of_linux_is_on_the_others() -> None:
    brands = set(policies.CHROMIUM_FOLDERS.values())
    assert set(registry.CHROMIUM.values()) == set(macos.CHROMIUM.values()) == brands


def test_each_value_is_deleted_and_then_the_keys_left_empty_from_below() -> None:
    undone = [r.undo for r in reversed(runs(windows.plan(WANTED), "browsers")) if r.undo]
    values = windows.values(WANTED)
    assert undone[: len(values)] == [v.delete for v in reversed(values)]
    emptied = undone[len(values) :]
    assert len(emptied) == len(registry.keys(values))
    order = [u[-1] for u in emptied]
    assert next(i for i, o in enumerate(order) if "ExtensionInstallBlocklist'" in o) < next(
        i for i, o in enumerate(order) if "Google\\Chrome'" in o
    )
    assert not [o for o in order if "SOFTWARE\\Policies'" in o]


def test_no_command_is_longer_than_windows_takes() -> None:
    many = replace(WANTED, domains=tuple(f"a-rather-long-name-{n}.test" for n in range(300)))
    assert max(len(subprocess.list2cmdline(r.command)) for r in actions(windows.plan(many), Run)) < 32767


def test_the_task_is_the_systems_and_comes_back() -> None:
    [file] = [f for f in actions(windows.plan(WANTED), WriteFile) if f.path.name == "task.xml"]
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    task = ET.fromstring(file.data)
    said = {node.tag.removeprefix(space): node.text for node in task.iter()}
    assert said["UserId"] == "S-1-5-18"
    assert said["Command"] == "C:\\Program Files\\SafeGuard\\Scripts\\python.exe"
    assert (said["Count"], said["ExecutionTimeLimit"], said["StopIfGoingOnBatteries"]) == ("999", "PT0S", "false")
    assert task.find(f".//{space}BootTrigger/{space}Repetition") is not None


def test_the_profile_says_what_the_files_say_on_linux() -> None:
    profile = plistlib.loads(macos.profile(WANTED))
    assert (profile["PayloadType"], profile["PayloadScope"]) == ("Configuration", "System")
    content = {p["PayloadType"]: {k: v for k, v in p.items() if not k.startswith("Payload")} for p in profile["PayloadContent"]}
    for domain, brand in macos.CHROMIUM.items():
        assert content[domain] == policies.chromium(PAC, MADE.root_pem, WANTED.browsers, brand)
    firefox = policies.firefox(PAC, str(macos.ROOT), WANTED.browsers)
    assert content[macos.FIREFOX] == {"EnterprisePoliciesEnabled": True, **firefox}
    assert len({p["PayloadUUID"] for p in (profile, *profile["PayloadContent"])}) == 6


def test_the_daemon_is_kept_alive_and_not_root() -> None:
    daemon = plistlib.loads(macos.daemon())
    assert daemon["KeepAlive"] is daemon["RunAtLoad"] is True
    assert daemon["UserName"] == macos.ACCOUNT
    assert [a.name for a in actions(macos.plan(WANTED), Account)] == [macos.ACCOUNT]


@pytest.mark.parametrize(("said", "code"), [("no anna is NOT a member of admin", 0), ("yes anna is a member of admin", 1), ("", 1)])
def test_an_administrator_is_refused_on_macos_and_so_is_no_answer(tmp_path: Path, said: str, code: int) -> None:
    asked = tmp_path / "asked"
    asked.write_text(f"#!/bin/sh\necho {shlex.quote(said)}\n")
    asked.chmod(0o755)
    [check] = runs(macos.plan(WANTED), "child")
    words = [w.replace("/usr/sbin/dseditgroup", str(asked)).replace("/usr/bin/id -u", "true") for w in check.command]
    assert subprocess.run(words, capture_output=True, check=False).returncode == code


def test_an_administrator_is_refused_on_windows() -> None:
    [check] = runs(windows.plan(WANTED), "child")
    assert "Get-LocalGroupMember -SID S-1-5-32-544" in check.command[-1]
    assert "throw" in check.command[-1]


@both
@pytest.mark.parametrize("name", ["", "-x", "a\nb", "a\u2028b", "a\x00", "a/b", "x.", "\u202eanna"])
def test_a_name_that_no_account_can_have_is_refused(system: str, name: str) -> None:
    with pytest.raises(InputError):
        PLANS[system](replace(WANTED, child=name))


@pytest.mark.parametrize("name", ["a*", "a[b]", 'a"b', "a\\b"])
def test_wildcards_are_no_names_on_windows(name: str) -> None:
    with pytest.raises(InputError):
        windows.plan(replace(WANTED, child=name))


HOSTILE = ["anna maria", "it's", "a’; Remove-Item C:", "$(reboot)", "`reboot`", "a;b&c|d", "%PATH%", "Ձյուն"]


def powershell_strings(line: str) -> list[str]:
    """The strings in single quotes of a line, read as PowerShell reads them; fails where anything but a blank stands between."""
    quotes, out, i = "'\u2018\u2019\u201a\u201b", [], line.index("'")
    while i < len(line):
        assert line[i] in quotes
        i, text = i + 1, ""
        while True:
            if line[i] in quotes:
                if line[i + 1 : i + 2] and line[i + 1] in quotes:
                    text, i = text + line[i], i + 2
                    continue
                break
            text, i = text + line[i], i + 1
        out.append(text)
        i += 1
        if i < len(line):
            assert line[i] == " "
            i += 1
    return out


@pytest.mark.parametrize("word", [*HOSTILE, 'say "x"', "end\\", "two\nlines"])
def test_a_word_stays_one_word_in_powershell(word: str) -> None:
    assert powershell_strings(powershell.command(("prog ram", word, "last"))) == ["prog ram", subprocess.list2cmdline([word, "last"])]


@pytest.mark.parametrize("word", [n for n in HOSTILE if not set(n) & set(';|:"')])
def test_a_hostile_name_is_data_to_the_check_on_windows(word: str) -> None:
    [check] = runs(windows.plan(replace(WANTED, child=word)), "child")
    assert f"($env:COMPUTERNAME, {powershell.quoted(word)})" in check.command[-1]


@pytest.mark.parametrize("word", [n for n in HOSTILE if not set(n) & set("/:@")])
def test_the_script_for_macos_is_sound_and_has_the_name_as_one_word(word: str) -> None:
    script = shell.script(macos.plan(replace(WANTED, child=word)))
    subprocess.run(["sh", "-n"], input=script.encode(), check=True)
    [line] = [line for line in script.splitlines() if line.startswith("/bin/sh -c") and "dseditgroup" in line]
    assert shlex.split(line)[-1] == word
    assert shlex.split(next(line for line in script.splitlines() if " pip " in line))[-1] == WANTED.source


def test_a_comment_is_never_more() -> None:
    assert powershell.comment("a\nrm -rf /\rx") == "# a\n# rm -rf /\n# x"


@pytest.mark.parametrize("action", [Run(("x",), secret=b"s"), Folder(PurePath("/x"), ours=False)])
@pytest.mark.parametrize("render", [powershell.script, shell.script])
def test_what_cannot_be_rendered_is_an_error(render: Any, action: Action) -> None:
    step = replace(windows.plan(WANTED)[0], actions=(action,))
    with pytest.raises(TypeError):
        render((step,))


@both
def test_dry_run_prints_the_commands(system: str) -> None:
    done = CliRunner().invoke(app, ["setup", "--dry-run", "--system", system, "--child", "anna"])
    assert done.exit_code == 0, done.output
    assert "not been tried on a real machine" in done.output
    assert {"windows": "-addstore", "macos": "add-trusted-cert"}[system] in done.output


@both
def test_without_dry_run_it_says_in_one_line_that_it_is_not_tried(system: str) -> None:
    done = CliRunner().invoke(app, ["setup", "--system", system, "--child", "anna"])
    assert isinstance(done.exception, SetupError)
    assert "not been tried" in str(done.exception)
    assert "\n" not in str(done.exception)


def test_it_is_refused_where_it_runs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_setup, "HERE", "windows")
    done = CliRunner().invoke(app, ["setup", "--system", "linux"])
    assert isinstance(done.exception, SetupError)
    assert "setup on windows" in str(done.exception)


def test_strict_mode_is_for_linux() -> None:
    done = CliRunner().invoke(app, ["setup", "--dry-run", "--system", "macos", "--child", "anna", "--strict"])
    assert isinstance(done.exception, InputError)


def test_setup_can_be_loaded_without_what_windows_has_not() -> None:
    code = """
import sys
for name in ("pwd", "grp", "fcntl", "termios", "resource"):
    sys.modules[name] = None
import safeguard.setup, os
for name in ("setup", "common", "guarded", "pin"):
    __import__("safeguard.cli." + name)
print("loaded")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "loaded\n", done.stderr[-1000:]


def test_the_places_are_those_where_the_program_looks() -> None:
    from safeguard.system.paths import ELSEWHERE, Paths

    family = Paths.under(Path(ELSEWHERE["darwin"][1]))
    written = {str(f.path) for f in actions(macos.plan(WANTED), WriteFile)}
    assert {str(family.settings), str(family.state / "ca" / "authority.pem")} <= written


INSTALL = Path(__file__).parent.parent.parent / "installer" / "install.ps1"


def test_the_installer_is_read_alike_by_every_powershell() -> None:
    assert INSTALL.read_bytes().isascii()  # PowerShell 5 takes other letters for the old code page's


def test_the_installer_only_prints() -> None:
    called = [line for line in INSTALL.read_text().splitlines() if "-m safeguard" in line]
    assert [line.split("-m safeguard ")[1] for line in called] == ["setup --dry-run --system windows @args"]

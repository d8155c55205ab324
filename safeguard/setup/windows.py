"""A parent's choices -> the plan for a Windows PC, of the same types as for Linux. No I/O. Not tried on a real machine.

Programs are named by their whole path, so that none that lies about in a folder is run in their place. What is undone with a folder of
ours, because it is in it, has no undoing of its own.
"""

from __future__ import annotations

import hashlib
import ssl
from pathlib import PureWindowsPath
from xml.sax.saxutils import escape

from safeguard.setup import elsewhere, policies, registry
from safeguard.setup.elsewhere import Wanted
from safeguard.setup.plan import Folder, Plan, Run, Step, WriteFile
from safeguard.setup.powershell import quoted
from safeguard.system.paths import ELSEWHERE

PROGRAM, FAMILY = (PureWindowsPath(p) for p in ELSEWHERE["win32"])
ROOT = PROGRAM / "safeguard-root.crt"
TASK = "SafeGuard"
SYSTEM, ADMINISTRATORS = "S-1-5-18", "S-1-5-32-544"
EXAMPLE = (r"C:\Program Files\Python312\python.exe", r"C:\SafeGuard")
"""An interpreter and a download, for who looks from another system."""
_SYSTEM32 = PureWindowsPath(r"C:\Windows\System32")
_FORBIDDEN = '"/\\[]:;|=,+*?<>@'  # by Windows, in the name of an account


def plan(wanted: Wanted) -> Plan:
    """Raises InputError for a name that no account can have."""
    child = elsewhere.name(wanted.child, _FORBIDDEN)
    return (
        Step("child", f"Check that {child} is a standard account.", (_powershell(*_is_standard(child)),)),
        Step("program", f"Put the program into {PROGRAM}, where only administrators can write.", (Folder(PROGRAM), *_program(wanted))),
        Step(
            "places",
            f"Make {FAMILY} for settings, log and caches, which only the system and administrators can open.",
            (Folder(FAMILY, 0o700, "SYSTEM"), *_rights(), *elsewhere.family(wanted, FAMILY, "SYSTEM")),
        ),
        Step(
            "system",
            "Let this computer trust the family's own certificate, good for the watched sites alone.",
            (WriteFile(ROOT, wanted.root), _trust(wanted.root)),
        ),
        Step(
            "browsers",
            "Tell Chromium, Chrome, Edge, Brave and Firefox by policy to open the watched sites through the filter alone.",
            _browsers(values(wanted)),
        ),
        Step("service", "Start the filter as a task of the system, now, with the computer, and again whenever it ends.", _service()),
    )


def values(wanted: Wanted) -> tuple[registry.Value, ...]:
    """The same policies as on Linux, in the registry."""
    firefox = policies.firefox(wanted.pac, str(ROOT), wanted.browsers)
    return (
        *(
            value
            for key, brand in registry.CHROMIUM.items()
            for value in registry.chromium(key, policies.chromium(wanted.pac, wanted.root, wanted.browsers, brand))
        ),
        *registry.firefox(registry.FIREFOX, firefox),
    )


def task() -> bytes:
    """The task as the scheduler reads it. Asked every minute whether it runs: a restart on failure alone is not sure after a kill."""
    return f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers>
    <BootTrigger><Repetition><Interval>PT1M</Interval><StopAtDurationEnd>false</StopAtDurationEnd></Repetition></BootTrigger>
  </Triggers>
  <Principals><Principal id="Author"><UserId>{SYSTEM}</UserId><RunLevel>HighestAvailable</RunLevel></Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>4</Priority>
    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author"><Exec>
    <Command>{escape(str(PROGRAM / "Scripts" / "python.exe"))}</Command>
    <Arguments>-I -m safeguard run</Arguments>
  </Exec></Actions>
</Task>
""".encode("utf-16")


def _is_standard(child: str) -> tuple[str, ...]:
    """Statements that fail where the account is not there or an administrator. The name is translated, not searched: no wildcards."""
    return (
        f"$name = New-Object System.Security.Principal.NTAccount($env:COMPUTERNAME, {quoted(child)})",
        "$child = $name.Translate([System.Security.Principal.SecurityIdentifier])",
        "$null = Get-LocalUser -SID $child",
        f"if (Get-LocalGroupMember -SID {ADMINISTRATORS} | Where-Object {{ $_.SID -eq $child }}) "
        "{ throw 'The child is an administrator of this computer; give the child a standard account.' }",
    )


def _program(wanted: Wanted) -> tuple[Run, ...]:
    pip = (str(PROGRAM / "Scripts" / "python.exe"), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    return (Run((wanted.python, "-I", "-m", "venv", str(PROGRAM))), Run((*pip, wanted.source)))


def _rights() -> tuple[Run, ...]:
    """Rights for two alone; then a look that nobody put something in before."""
    icacls = str(_SYSTEM32 / "icacls.exe")
    grants = (f"*{who}:(OI)(CI)F" for who in (SYSTEM, ADMINISTRATORS))
    return (
        Run((icacls, str(FAMILY), "/inheritance:r", "/grant:r", *grants)),  # not undone: the folder is to go as private as it was
        _powershell(f"if (Get-ChildItem -Force -LiteralPath {quoted(str(FAMILY))}) {{ throw 'Somebody else wrote there.' }}"),
    )


def _trust(root_pem: bytes) -> Run:
    certutil = str(_SYSTEM32 / "certutil.exe")
    digest = hashlib.sha1(ssl.PEM_cert_to_DER_cert(root_pem.decode()), usedforsecurity=False).hexdigest()
    return Run((certutil, "-addstore", "-f", "Root", str(ROOT)), undo=(certutil, "-delstore", "Root", digest))


def _browsers(told: tuple[registry.Value, ...]) -> tuple[Run, ...]:
    """Values of others are not written over, so that taking back is deleting; keys left empty go too."""
    found = (
        f"if ((Test-Path {_drive(v.key)}) -and $null -ne (Get-Item {_drive(v.key)}).GetValue({quoted(v.name)})) "
        f"{{ throw {quoted(f'somebody set {v.key} {v.name}; take it away first')} }}"
        for v in told
    )
    empty = (
        f"if ((Test-Path {_drive(k)}) -and -not (Get-Item {_drive(k)}).ValueCount -and -not (Get-Item {_drive(k)}).SubKeyCount) "
        f"{{ Remove-Item {_drive(k)} }}"
        for k in registry.keys(told)
    )
    return (
        *(_powershell(check) for check in found),
        *(Run((), undo=_powershell(drop).command) for drop in reversed(list(empty))),
        *(Run(v.add, undo=v.delete) for v in told),
    )


def _drive(key: str) -> str:
    """A key as PowerShell names it."""
    return f"-LiteralPath {quoted('Registry::' + key.replace('HKLM', 'HKEY_LOCAL_MACHINE', 1))}"


def _service() -> tuple[WriteFile | Run, ...]:
    schtasks = str(_SYSTEM32 / "schtasks.exe")
    file = FAMILY / "task.xml"
    return (
        WriteFile(file, task()),
        Run((schtasks, "/Create", "/TN", TASK, "/XML", str(file)), undo=(schtasks, "/Delete", "/TN", TASK, "/F")),
        Run((schtasks, "/Run", "/TN", TASK), undo=(schtasks, "/End", "/TN", TASK)),
    )


def _powershell(*statements: str) -> Run:
    program = str(_SYSTEM32 / "WindowsPowerShell" / "v1.0" / "powershell.exe")
    return Run((program, "-NoProfile", "-NonInteractive", "-Command", "; ".join(("$ErrorActionPreference = 'Stop'", *statements))))

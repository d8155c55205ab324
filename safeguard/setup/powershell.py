"""A plan as commands of Windows PowerShell, to be read: what is private is not printed, so nobody can run it half. Pure."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

from safeguard.setup.plan import Action, Folder, Plan, Run, WriteFile

HEAD = """\
# To be read, not run. Taking back goes from the end to the beginning.
$ErrorActionPreference = 'Stop'
# PowerShell 5 loses quotation marks on the way to a program, so the line is handed over as the program will read it.
function Step([string]$Program, [string]$Line) {
    $start = New-Object System.Diagnostics.ProcessStartInfo
    $start.FileName = $Program; $start.Arguments = $Line; $start.UseShellExecute = $false
    $process = [System.Diagnostics.Process]::Start($start); $process.WaitForExit()
    if ($process.ExitCode -ne 0) { throw "$Program ended with $($process.ExitCode)" }
}
"""
_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")  # each of these ends a string in single quotes


def quoted(word: str) -> str:
    """The word in single quotes, in which PowerShell reads nothing but quotes; each is doubled."""
    return "'" + _QUOTES.sub(lambda quote: quote[0] * 2, word) + "'"


def command(words: tuple[str, ...]) -> str:
    """A call of a program, its words as its C library parts them."""
    return f"Step {quoted(words[0])} {quoted(subprocess.list2cmdline(words[1:]))}"


def script(plan: Plan) -> str:
    """Every step, and behind each command how it is taken back."""
    out = [HEAD]
    for number, step in enumerate(plan, 1):
        out.append(comment(f"{number}. {step.says}"))
        for action in step.actions:
            out += _do(action)
            out += [comment(f"  to take it back: {line}") for line in _undo(action)]
        out.append("")
    return "\n".join(out)


def comment(text: str) -> str:
    """Never more than comment, whatever line ends the text has."""
    return "\n".join(f"# {line}" for line in text.splitlines())


def _do(action: Action) -> Iterator[str]:
    match action:
        case Folder(path=path, ours=True):  # fails where it exists: a child may make folders in ProgramData
            yield f"$null = New-Item -ItemType Directory -Path {quoted(str(path))}"
        case WriteFile(path=path, mode=mode, data=data):
            yield f"$null = [System.IO.Directory]::CreateDirectory({quoted(str(path.parent))})"
            if mode & 0o077 == 0:
                yield f"throw {quoted(f'{path}: private, so its content is not printed')}"
            elif data.startswith(b"\xff\xfe"):
                text = quoted(data.decode("utf-16"))
                yield f"[System.IO.File]::WriteAllText({quoted(str(path))}, {text}, [System.Text.Encoding]::Unicode)"
            else:
                yield f"[System.IO.File]::WriteAllText({quoted(str(path))}, {quoted(data.decode())})"
        case Run(command=words, account="root", secret=b""):
            if words:
                yield command(words)
        case _:
            raise TypeError(f"not for Windows: {action}")


def _undo(action: Action) -> Iterator[str]:
    match action:
        case Folder(path=path):
            yield f"Remove-Item -LiteralPath {quoted(str(path))} -Recurse -Force"
        case WriteFile(path=path):
            yield f"Remove-Item -LiteralPath {quoted(str(path))} -Force"
        case Run(undo=words) if words:
            yield command(words)

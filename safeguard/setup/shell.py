"""A plan as commands of sh on macOS, to be read: what is private is not printed, so nobody can run it half. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from safeguard.setup.plan import Account, Action, Folder, Plan, Run, WriteFile
from safeguard.setup.powershell import comment

HEAD = "# To be read, not run. Taking back goes from the end to the beginning.\nset -eu\numask 022\n"
UID = 397  # of a role account, which macOS wants between 200 and 400 and named with _ in front


def script(plan: Plan) -> str:
    """Every step, and behind each command how it is taken back."""
    out = [HEAD]
    for number, step in enumerate(plan, 1):
        out.append(comment(f"{number}. {step.says}"))
        for action in step.actions:
            out += [shlex.join(words) if isinstance(words, tuple) else words for words in _do(action)]
            out += [comment(f"  to take it back: {shlex.join(words)}") for words in _undo(action)]
        out.append("")
    return "\n".join(out)


def _do(action: Action) -> Iterator[tuple[str, ...] | str]:
    """A tuple: a command; a string: a line as it stands."""
    match action:
        case Folder(path=path, ours=True):  # fails where it exists
            yield ("/bin/mkdir", "-m", f"{action.mode:04o}", str(path))
            yield ("/usr/sbin/chown", action.owner, str(path))
        case WriteFile(path=path, mode=mode, data=data):
            yield ("/bin/mkdir", "-p", str(path.parent))
            if mode & 0o077 == 0:
                yield f"echo {shlex.quote(f'{path}: private, so its content is not printed')} >&2; exit 1"
            else:
                yield f"printf %s {shlex.quote(data.decode())} > {shlex.quote(str(path))}"
            yield ("/bin/chmod", f"{mode:04o}", str(path))
            yield ("/usr/sbin/chown", action.owner, str(path))
        case Account(name=name, home=home):
            kind = ("-UID", str(UID), "-shell", "/usr/bin/false", "-home", str(home), "-roleAccount")
            yield ("/usr/sbin/sysadminctl", "-addUser", name, "-fullName", "SafeGuard", *kind)
        case Run(command=words, account=account, secret=b""):
            if words:
                yield words if account == "root" else ("/usr/bin/sudo", "-u", account, "--", *words)
        case _:
            raise TypeError(f"not for macOS: {action}")


def _undo(action: Action) -> Iterator[tuple[str, ...]]:
    match action:
        case Folder(path=path):
            yield ("/bin/rm", "-rf", str(path))
        case WriteFile(path=path):
            yield ("/bin/rm", "-f", str(path))
        case Account(name=name):
            yield ("/usr/sbin/sysadminctl", "-deleteUser", name)
        case Run(undo=words, account=account) if words:
            yield words if account == "root" else ("/usr/bin/sudo", "-u", account, "--", *words)

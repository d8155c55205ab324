"""Each action of a plan on this computer: prepared (what undoing needs), done, undone. Undoing can be done twice, and of half an action."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safeguard.errors import SetupError
from safeguard.language import _
from safeguard.setup.journal import Act, Journal, sync_folder
from safeguard.setup.plan import Account, Action, CopyTree, Folder, Run, WriteFile

if TYPE_CHECKING:
    import pwd

STAMP = ".setup"
"""Which setup a tree is from, so that undoing never takes an older or newer one for it."""
COMMAND_S = 600.0
NO_LOGIN = "/usr/sbin/nologin"
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


def key(act: Act) -> tuple[Any, ...]:
    """The same for the same thing done by two setups."""
    if act["kind"] == "run":
        return ("run", act["account"], *act["command"], "undo", *act["undo"])
    return (act["kind"], act["name"] if act["kind"] == "account" else act["path"])


def prepare(action: Action, journal: Journal, known: set[tuple[Any, ...]]) -> Act:
    """The action as the journal keeps it; nothing has been changed yet but a copy kept of what it will replace.

    known: keys of what earlier setups did. Raises SetupError where something is in the way.
    """
    match action:
        case Run():
            return {
                "kind": "run",
                "command": list(action.command),
                "undo": list(action.undo),
                "account": action.account,
                "gone_ok": action.gone_ok,
                "meanwhile": action.meanwhile,
            }
        case Account():
            act: Act = {"kind": "account", "name": action.name}
            if _account(action.name) and key(act) not in known:
                raise SetupError(
                    _("%(name)s: there is an account of that name already, and not from SafeGuard; remove it first", name=action.name)
                )
            return act
        case CopyTree():
            path = Path(action.path)
            act = {"kind": "tree", "path": str(path), "stamp": secrets.token_hex(8), "above": _missing(path)}
            if os.path.lexists(path) and key(act) not in known:
                raise SetupError(_("%(path)s: is there already and not from SafeGuard; move it away first", path=path))
            return act
        case Folder():
            path = Path(action.path)
            act = {"kind": "folder", "path": str(path), "ours": action.ours, "made": not os.path.lexists(path), "above": _missing(path)}
            if not act["made"] and (path.is_symlink() or not path.is_dir()):
                raise SetupError(_("%(path)s: is not a folder; move it away first", path=path))
            if action.ours and not act["made"] and key(act) not in known:
                raise SetupError(_("%(path)s: is there already and not from SafeGuard; move it away first", path=path))
            return act
        case WriteFile():
            path = Path(action.path)
            return {"kind": "file", "path": str(path), "was": _was(path, journal), "above": _missing(path)}


def do(action: Action, act: Act) -> str:
    """Returns what the parent should read, mostly "". Raises SetupError where it cannot be done."""
    said = ""
    try:
        match action:
            case Folder():
                _above(act)
                path = Path(action.path)
                path.mkdir(mode=0o700, exist_ok=True)
                if act["made"] or action.ours:
                    _give_folder(path, action.mode, action.owner)
            case WriteFile():
                _above(act)
                path = Path(action.path)
                draft = _draft(path)
                draft.unlink(missing_ok=True)
                _put(draft, action.data, action.mode, *_ids(path, action.owner))
                draft.replace(path)
                sync_folder(path.parent)
            case CopyTree():
                _copy_tree(action, act)
            case Run():
                if action.command:
                    said = run(action.command, action.account, action.secret)
                    said = said if action.shown else ""
            case Account() if not _account(action.name):
                places = ("--no-create-home", "--home-dir", str(action.home), "--shell", NO_LOGIN)
                run(("useradd", "--system", "--user-group", *places, action.name))
    except OSError as e:
        raise SetupError(f"{e.filename or key(act)[1]}: {e.strerror}") from e
    return said


def undo(act: Act, journal: Journal, *, done: bool = True) -> None:
    """Take back what was done, or begun (done False). Raises SetupError where that cannot be done now."""
    try:
        match act["kind"]:
            case "file":
                _undo_file(act, journal)
            case "folder":
                _undo_folder(act)
            case "tree":
                _undo_tree(act)
            case "account" if _account(act["name"]):
                _end_processes(_who(act["name"]).pw_uid)
                run(("userdel", act["name"]))
            case "run" if act["undo"]:
                try:
                    run(act["undo"], act["account"])
                except (SetupError, OSError):
                    if done and not act["gone_ok"]:
                        raise
    except OSError as e:
        raise SetupError(f"{e.filename or key(act)[1]}: {e.strerror}") from e


def settle(act: Act, keeper: Act) -> None:
    """The setup is finished: what was kept to go back to the version before goes, and the tree is the first entry's from now on."""
    if act["kind"] == "tree":
        stamp = Path(act["path"]) / STAMP
        if act is not keeper and stamp.is_file() and stamp.read_text() == act["stamp"]:
            draft = _draft(stamp)
            draft.unlink(missing_ok=True)
            _put(draft, keeper["stamp"].encode(), 0o644, 0, 0)
            draft.replace(stamp)
        before, gone = _before(act), _gone(act)
        shutil.rmtree(gone, ignore_errors=True)
        if before.is_dir():
            before.rename(gone)  # at once: half an older program must never be put back
            shutil.rmtree(gone)


def forget(act: Act, journal: Journal) -> None:
    """Drop the copy of what it replaced, perhaps a key: nobody goes back to that any more."""
    was = act.get("was")
    if was and "kept" in was:
        journal.kept(was["kept"]).unlink(missing_ok=True)


def run(command: Sequence[str], account: str = "root", secret: bytes = b"") -> str:
    """Run it as that account and return what it wrote. Raises SetupError where it fails."""
    try:
        who = _who(account)
    except KeyError as e:
        raise SetupError(_("%(command)s: there is no account %(account)s", command=command[0], account=account)) from e
    rights = ["setpriv", "--pdeathsig", "KILL"]  # killed with us: whoever repairs must not meet what we started
    if who.pw_uid != os.geteuid():
        rights += [f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--init-groups"]
    # A file and not a pipe: what it starts in the background would keep a pipe open, and us waiting.
    with tempfile.TemporaryFile() as out:
        try:
            ended = subprocess.run(
                [*rights, "--", *command],
                input=secret,
                stdout=out,
                stderr=out,
                cwd="/",
                env=ENVIRONMENT | {"HOME": who.pw_dir, "USER": account, "LOGNAME": account},
                timeout=COMMAND_S,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired as e:
            raise SetupError(_("%(command)s: not done after %(seconds)s s", command=command[0], seconds=f"{COMMAND_S:g}")) from e
        out.seek(0)
        said = out.read().decode(errors="replace").strip()
    if ended:
        last = said.splitlines()[-1] if said else f"ended with {ended}"
        raise SetupError(f"{' '.join(command[:3])}: {last}")
    return said


def _missing(path: Path) -> list[str]:
    """The folders above that are not there, outermost first. Raises SetupError where somebody else's link is on the way."""
    out = []
    for above in path.parents:
        if not os.path.lexists(above):
            out.append(str(above))
        elif above.is_symlink() and above.lstat().st_uid:
            raise SetupError(_("%(above)s: is a link that root did not make; nothing is written there", above=above))
    return out[::-1]


def _was(path: Path, journal: Journal) -> dict[str, Any] | None:
    """What stands there now, kept; None where there is nothing."""
    if not os.path.lexists(path):
        return None
    info = path.lstat()
    if stat.S_ISLNK(info.st_mode):
        return {"link": str(path.readlink()), "uid": info.st_uid, "gid": info.st_gid}
    if not stat.S_ISREG(info.st_mode):
        raise SetupError(_("%(path)s: is not a file; move it away first", path=path))
    return {"kept": journal.keep(path), "mode": stat.S_IMODE(info.st_mode), "uid": info.st_uid, "gid": info.st_gid}


def _above(act: Act) -> None:
    for name in act["above"]:
        Path(name).mkdir(exist_ok=True)
        Path(name).chmod(0o755)


def _who(name: str) -> pwd.struct_passwd:
    import pwd  # not on Windows

    return pwd.getpwnam(name)


def _account(name: str) -> bool:
    try:
        _who(name)
    except KeyError:
        return False
    return True


def _end_processes(uid: int) -> None:
    """Kill what still runs as our account: it could not be removed before."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if entry.stat().st_uid == uid:
                os.kill(int(entry.name), signal.SIGKILL)
    end = time.monotonic() + 5
    while time.monotonic() < end and any(_uid_of(entry) == uid for entry in Path("/proc").glob("[0-9]*")):
        time.sleep(0.05)


def _uid_of(process: Path) -> int:
    try:
        return process.stat().st_uid
    except OSError:
        return -1


def _ids(path: Path, owner: str) -> tuple[int, int]:
    try:
        who = _who(owner)
    except KeyError as e:
        raise SetupError(_("%(path)s: there is no account %(owner)s to give it to", path=path, owner=owner)) from e
    return who.pw_uid, who.pw_gid


def _give_folder(path: Path, mode: int, owner: str) -> None:
    """By a descriptor: the folder above may be another account's, which could put a link there meanwhile."""
    number = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.geteuid() == 0:
            os.fchown(number, *_ids(path, owner))
        os.fchmod(number, mode)
    finally:
        os.close(number)


def _draft(path: Path) -> Path:
    """Always the same name, so that one left by a crash is found."""
    return path.with_name(f".{path.name}.safeguard-part")


def _put(path: Path, data: bytes, mode: int, uid: int, gid: int) -> None:
    """A new file; whoever can write in its folder cannot make us write, or give away, another one."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as f:
        if os.geteuid() == 0:
            os.fchown(f.fileno(), uid, gid)
        os.fchmod(f.fileno(), mode)  # after the owner: a change of that takes bits away
        f.write(data)
        f.flush()
        os.fsync(f.fileno())


def _before(act: Act) -> Path:
    return Path(f"{act['path']}.before-{act['stamp']}")


def _gone(act: Act) -> Path:
    return Path(f"{act['path']}.removed")


def _copy_tree(action: CopyTree, act: Act) -> None:
    path = Path(action.path)
    part = Path(f"{path}.part")
    shutil.rmtree(part, ignore_errors=True)
    _above(act)
    part.mkdir()
    for source, place in action.parts:
        target = part / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if Path(source).is_dir():
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, copy_function=shutil.copy2)
        else:
            shutil.copy2(source, target)  # with its time: compiled Python is known again by it
    for place, data, mode in action.files:
        target = part / place
        target.parent.mkdir(parents=True, exist_ok=True)
        _put(target, data, mode, 0, 0)
    for place, leads_to in action.links:
        target = part / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(leads_to)
    (part / STAMP).write_text(act["stamp"])
    _open_to_all(part)
    os.sync()
    if path.exists():
        path.rename(_before(act))
    part.rename(path)
    sync_folder(path.parent)


def _open_to_all(top: Path) -> None:
    """Root's, readable by all, writable by nobody else, whatever the copied files were; nothing runs with rights of its owner."""
    root = os.geteuid() == 0
    for folder, _folders, files in os.walk(top):
        for path in (Path(folder), *(Path(folder, f) for f in files)):
            if path.is_symlink():
                continue
            if root:
                os.chown(path, 0, 0)
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _undo_file(act: Act, journal: Journal) -> None:
    path, was = Path(act["path"]), act["was"]
    draft = _draft(path)
    draft.unlink(missing_ok=True)
    if was is None:
        path.unlink(missing_ok=True)
    elif path.parent.is_dir():  # else somebody took the whole folder away since
        if "link" in was:
            draft.symlink_to(was["link"])
            if os.geteuid() == 0:
                os.lchown(draft, was["uid"], was["gid"])
        else:
            _put(draft, journal.kept(was["kept"]).read_bytes(), was["mode"], was["uid"], was["gid"])
        draft.replace(path)
    _drop_empty(act["above"])


def _undo_folder(act: Act) -> None:
    path = Path(act["path"])
    if act["made"]:
        if act["ours"]:
            if path.is_dir():
                shutil.rmtree(path)
        else:
            _drop_empty([str(path)])
    _drop_empty(act["above"])


def _undo_tree(act: Act) -> None:
    path, before, part, gone = Path(act["path"]), _before(act), Path(f"{act['path']}.part"), _gone(act)
    for leftover in (part, gone):
        shutil.rmtree(leftover, ignore_errors=True)
    if (path / STAMP).is_file() and (path / STAMP).read_text() == act["stamp"]:
        path.rename(gone)  # at once, so that nobody runs half a program
    if before.is_dir() and not path.exists():
        before.rename(path)
    if gone.is_dir():
        shutil.rmtree(gone)
    _drop_empty(act["above"])


def _drop_empty(folders: Sequence[str]) -> None:
    """Innermost first; one that others use by now stays."""
    for name in reversed(folders):
        try:
            Path(name).rmdir()
        except FileNotFoundError:
            continue  # cut off before it was made
        except OSError:
            return

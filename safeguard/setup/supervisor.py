"""The service manager where there is none: `python -m safeguard.setup.supervisor ACCOUNT COMMAND...` starts the filter and starts it again.

It runs in the foreground until SIGTERM or SIGINT. The filter ends with it however it ends: one without a watcher would hold the port.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
import time

from safeguard.errors import InputError, ProxyError, SafeguardError

FIRST_S, MOST_S = 0.1, 1.0
"""Before a filter that ended is started again: the pause doubles while it ends by itself at once, and is never long enough to be missed."""
STEADY_S = 10.0
STOP_S = 10.0


def command_for(account: str, command: list[str]) -> list[str]:
    """The command with the rights of that account (for another's, by root alone), killed with its parent. Raises SafeguardError."""
    tool = shutil.which("setpriv")
    if tool is None:
        raise ProxyError("setpriv: not found; it comes with util-linux")
    try:
        who = pwd.getpwnam(account)
    except KeyError as e:
        raise InputError(f"{account}: there is no such account") from e
    rights = ["--no-new-privs", "--pdeathsig", "KILL"]
    if who.pw_uid != os.geteuid():
        if os.geteuid() != 0:
            raise ProxyError(f"only root can run the filter as {account}")
        rights += ["--reuid", str(who.pw_uid), "--regid", str(who.pw_gid), "--init-groups"]
    return [tool, *rights, "--", *command]


def pause_after(last_s: float, lived_s: float, code: int) -> float:
    """Seconds until the next start. last_s: the pause before this one; code: negative where a signal ended it, as when it was killed."""
    return FIRST_S if code < 0 or lived_s >= STEADY_S else min(last_s * 2, MOST_S)


def keep(command: list[str], env: dict[str, str], stop: threading.Event) -> None:
    """Run the command, again whenever it ends, until told to stop."""
    pause = FIRST_S
    while not stop.is_set():
        began = time.monotonic()
        with subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL) as child:
            while child.poll() is None and not stop.wait(0.05):
                pass
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(STOP_S)
                except subprocess.TimeoutExpired:
                    child.kill()
        pause = pause_after(pause, time.monotonic() - began, child.returncode)
        if not stop.is_set():
            print(f"the filter ended ({child.returncode}); starting it again", file=sys.stderr, flush=True)
            stop.wait(pause)


def main(arguments: list[str]) -> int:
    """Exit code."""
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    account, *command = arguments
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        who = command_for(account, command)
        home = pwd.getpwnam(account).pw_dir
        keep(who, {**os.environ, "HOME": home, "USER": account, "LOGNAME": account}, stop)
    except (SafeguardError, OSError) as e:
        print(e, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

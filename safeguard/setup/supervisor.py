"""Keeps the filter alive: each is a fork of a process that has all its code loaded, so it is back in a fraction of the time of a start.

The filter ends with its supervisor however that ends: one without a watcher would hold the port.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from safeguard.errors import InputError, ProxyError, SafeguardError
from safeguard.language import _

FIRST_S, MOST_S = 0.1, 1.0
"""Before a filter that ended is started again: the pause doubles while it ends by itself at once, and is never long enough to be missed."""
STEADY_S = 10.0
STOP_S = 10.0
NICE = -10
"""Browsing waits for the filter, so it goes before what else the PC does."""
_POLL_S = 0.02
_ENDS = (signal.SIGTERM, signal.SIGINT)
_DIE_WITH_PARENT, _NO_NEW_RIGHTS = 1, 38  # of prctl(2)


def account_of(name: str) -> pwd.struct_passwd:
    """Whose rights the filter is to have. Raises SafeguardError where we may not give them."""
    try:
        who = pwd.getpwnam(name)
    except KeyError as e:
        raise InputError(_("%(name)s: there is no such account", name=name)) from e
    if os.geteuid() not in (0, who.pw_uid):
        raise ProxyError(_("only root can run the filter as %(name)s", name=name))
    return who


def pause_after(last_s: float, lived_s: float, code: int) -> float:
    """Seconds until the next start. last_s: the pause before this one; code: negative where a signal ended it, as when it was killed."""
    return FIRST_S if code < 0 or lived_s >= STEADY_S else min(last_s * 2, MOST_S)


def keep(serve: Callable[[], object], who: pwd.struct_passwd, stop: threading.Event) -> None:
    """Call `serve` in a process of that account, again whenever it ends, until told to stop. To be called without other threads."""
    pause = FIRST_S
    while not stop.is_set():
        began = time.monotonic()
        code = _watched(_forked(serve, who), stop)
        pause = pause_after(pause, time.monotonic() - began, code)
        if not stop.is_set():
            print(_("the filter ended (%(code)s); starting it again", code=code), file=sys.stderr, flush=True)
            stop.wait(pause)


def _forked(serve: Callable[[], object], who: pwd.struct_passwd) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    signal.pthread_sigmask(
        signal.SIG_BLOCK, _ENDS
    )  # the new process still has our handlers: what reached it before it has its own would be lost
    pid = os.fork()
    if pid:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        return pid
    code = 3
    try:
        for number in _ENDS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        _become(who)
        _prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() == parent:
            serve()
        code = 0
    except SafeguardError as e:
        print(e, file=sys.stderr)
        code = e.exit_code
    except BaseException:  # a fork must not go on as its parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _become(who: pwd.struct_passwd) -> None:
    """The rights of that account and no others, for good."""
    if os.geteuid() == 0:
        _go_first()
    if os.geteuid() != who.pw_uid:
        os.initgroups(who.pw_name, who.pw_gid)
        os.setgid(who.pw_gid)
        os.setuid(who.pw_uid)
    os.umask(0o077)
    os.environ.update(HOME=who.pw_dir, USER=who.pw_name, LOGNAME=who.pw_name)
    _prctl(_NO_NEW_RIGHTS, 1)


def _go_first() -> None:
    """Where Linux shares the processor by sessions, a process alone weighs little: the session is told too (measured: 0.6 s, not 2.3)."""
    os.setpriority(os.PRIO_PROCESS, 0, NICE)
    os.setsid()
    with suppress(OSError):  # a Linux that does not
        Path("/proc/self/autogroup").write_text(str(NICE))


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl({option})")


def _watched(pid: int, stop: threading.Event) -> int:
    """Its exit code, negative for a signal, once it has ended or we were told to end it."""
    told_s = 0.0
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if stop.is_set() and not told_s:
            os.kill(pid, signal.SIGTERM)
            told_s = time.monotonic()
        elif told_s and time.monotonic() - told_s > STOP_S:
            os.kill(pid, signal.SIGKILL)
        time.sleep(_POLL_S)

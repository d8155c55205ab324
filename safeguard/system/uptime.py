"""The time since the computer was started, which no account sets: on Linux sleep counts too, and a boot id tells a restart."""

from __future__ import annotations

import time
from pathlib import Path

from safeguard.policy.guesses import Moment

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def now() -> Moment:
    """This moment. Where there is no boot id, a time before the last one tells the restart, and no wait gets shorter by one."""
    try:
        boot = BOOT_ID.read_text("ascii").strip()
    except OSError:
        boot = ""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return Moment(boot, time.monotonic() if clock is None else time.clock_gettime(clock))

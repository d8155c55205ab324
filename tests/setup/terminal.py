"""A terminal at which somebody sits: a command that asks gets its answers when it asks for them, and what stood on the screen is kept."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence


def talk(command: Sequence[str], answers: Sequence[tuple[str, str]], *, timeout: float, env: dict[str, str], columns: int = 100) -> str:
    """answers: (the end of the question, what is typed), in their order. Raises AssertionError where it asks otherwise, or fails."""
    ours, its = os.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(["setsid", "--ctty", "--wait", *command], stdin=its, stdout=its, stderr=its, env=env)
    os.close(its)
    seen, asked, waiting = b"", 0, list(answers)
    end = time.monotonic() + timeout
    try:
        while time.monotonic() < end:
            if not select.select([ours], [], [], 1)[0]:
                continue
            try:
                seen += os.read(ours, 65536)
            except OSError:  # the last program at it has ended
                break
            if waiting and waiting[0][0] in seen[asked:].decode(errors="ignore"):
                time.sleep(0.3)  # a question for a PIN forgets what was typed before it
                asked = len(seen)
                os.write(ours, waiting.pop(0)[1].encode() + b"\n")
        text = seen.decode().replace("\r\n", "\n")
        assert process.wait(30) == 0, text
        assert not waiting, text
        return text
    finally:
        process.kill()
        process.wait()
        os.close(ours)

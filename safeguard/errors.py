"""Every error SafeGuard raises on purpose. Messages are one line: what, where, how to mend it.

SafeguardError                 exit 2 unless it says otherwise
 ├─ ConfigError                a setting is wrong
 ├─ RuleError                  rule files are wrong; carries every problem found, not the first
 ├─ InputError                 an option, file or line given by the user is wrong
 ├─ PackError                  a pack of rules is damaged, not the publisher's, or not for this SafeGuard
 ├─ StoreError                 the log cannot be opened or written
 ├─ AlertError                 an alert cannot be shown in this session, or not be sent
 ├─ ProxyError                 the proxy cannot start (port, certificate authority, permissions)
 ├─ SetupError                 a step of setup or removal failed
 └─ Unchecked                  a body could not be checked: blocked, never let through
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class SafeguardError(Exception):
    """Root of the tree; `exit_code` is what the command line exits with."""

    exit_code = 2


class ConfigError(SafeguardError):
    """A setting is wrong."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one place. line is 1-based, 0 where no line applies; warning: perhaps meant so."""

    file: str
    line: int
    what: str
    warning: bool = False

    def __str__(self) -> str:
        what = f"warning: {self.what}" if self.warning else self.what
        return f"{self.file}:{self.line}: {what}" if self.line else f"{self.file}: {what}"


class RuleError(SafeguardError):
    """Rule files are wrong. `problems` has all of them, in order of file and line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class InputError(SafeguardError):
    """An option, file or line given by the user is wrong."""


class PackError(SafeguardError):
    """A pack of rules is damaged, not the publisher's, or not for this SafeGuard."""


class StoreError(SafeguardError):
    """The log cannot be opened or written."""


class AlertError(SafeguardError):
    """An alert cannot be shown in this session, or not be sent."""


class ProxyError(SafeguardError):
    """The proxy cannot start."""


class SetupError(SafeguardError):
    """A step of setup or removal failed, or this computer is not as it needs."""


class Unchecked(SafeguardError):
    """A body could not be checked (unknown encoding or charset, over the limit, broken framing); the text says why."""

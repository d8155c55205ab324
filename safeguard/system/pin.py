"""The parents' PIN: set, asked, guessed at, recovered. What counts the guesses stands on the disk before a guess is tried."""

from __future__ import annotations

import hmac
import secrets
from base64 import b32encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from safeguard.errors import InputError
from safeguard.language import _
from safeguard.policy import guesses, pin_entry
from safeguard.policy.guesses import Moment
from safeguard.policy.incident import Incident
from safeguard.policy.pin_strength import LONGEST, normal, weakness
from safeguard.system import lock, pin_file, private, uptime
from safeguard.system.pin_file import Kept
from safeguard.system.private import NotPrivate

ROOT = "uid:0"
"""The origin that is never delayed nor counted: root could read and write everything anyway. Only the command line may say it."""
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of a recovery code: none that is taken for another."""
GROUPS, GROUP = 6, 4  # 120 bits


@dataclass(frozen=True, slots=True)
class Verified:
    """The PIN is right."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """The PIN is wrong; seconds until this origin may try again, 0 for at once."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Not tried: too many wrong ones before; seconds until this origin may try again."""

    seconds: float


Answer = Verified | Wrong | Wait


class PinStore:
    """The PIN in one file. Safe to use from several processes and threads at once. Every method may raise NotPrivate (one clear line).

    path: Paths.pin; its folder is made where missing (0700).
    tell: takes an entry for the log, which queues the parent's alert: `Store.add`. Called after all is written; never with the PIN.
    """

    def __init__(
        self,
        path: Path,
        tell: Callable[[Incident], None] = lambda incident: None,
        *,
        now: Callable[[], Moment] = uptime.now,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._path = path
        self._tell = tell
        self._now = now
        self._hasher = hasher or PasswordHasher()  # argon2id, RFC 9106's second choice: 64 MiB

    def is_set(self) -> bool:
        """Whether there is a PIN. A damaged file, or one that this account cannot read, raises NotPrivate and is never "no PIN"."""
        return pin_file.read(self._path) is not None

    def mark(self) -> str:
        """Another one for each PIN, "" where none is set: who was let in by one PIN is not by the next. Tells nothing of the PIN."""
        kept = pin_file.read(self._path)
        return sha256(kept.pin.encode()).hexdigest() if kept else ""

    def set(self, pin: str, how: str = pin_entry.SAID_CHANGED) -> str:
        """Sets the PIN, in place of any other, and returns a new recovery code, kept nowhere but on the parent's paper.

        Who calls has asked for the old PIN before, or is root. how: for the log and the alert where a PIN was there before.
        Raises InputError for a PIN that is too easy.
        """
        _strong(pin)
        with self._locked():
            told = self._path.exists()
            code = self._write_new(pin)
        if told:
            self._tell(pin_entry.changed(_log_code(), how))
        return code

    def verify(self, pin: str, origin: str) -> Answer:
        """Tries a PIN.

        origin: who tries, `uid:1000` or `page:…`: a name that the other side cannot choose freely. Raises InputError where no PIN is set.
        """
        with self._locked():
            kept = self._kept()
            if origin == ROOT:
                return Verified() if self._matches(kept, pin) else Wrong(0)
            origin, now = origin[:100], self._now()
            before = guesses.rebased(kept.wrong, now)
            if left := guesses.wait(before, origin, now):
                if before != kept.wrong:
                    pin_file.write(self._path, replace(kept, wrong=before))
                return Wait(left)
            # Counted before it is tried: who is killed in between has lost a guess, not won one.
            counted = guesses.after_wrong(before, origin, now)
            pin_file.write(self._path, replace(kept, wrong=counted))
            if self._matches(kept, pin):
                pin_file.write(self._path, replace(kept, wrong=guesses.after_right(counted, origin)))
                return Verified()
        count = guesses.total(counted)
        if guesses.is_told(count):
            self._tell(pin_entry.guessed(_log_code(), count, origin))
        return Wrong(guesses.wait(counted, origin, now))

    def recover(self, code: str, new_pin: str) -> str | None:
        """Sets a new PIN by the recovery code and returns the next one; None where the code is wrong. Never delayed: 120 bits.

        Raises InputError for a PIN that is too easy, or where none is set.
        """
        _strong(new_pin)
        with self._locked():
            if not hmac.compare_digest(self._kept().recovery, _digest(code)):
                return None
            fresh = self._write_new(new_pin)
        self._tell(pin_entry.changed(_log_code(), pin_entry.SAID_RECOVERED))
        return fresh

    def _write_new(self, pin: str) -> str:
        letters = [secrets.choice(LETTERS) for each in range(GROUPS * GROUP)]
        code = "-".join("".join(letters[i : i + GROUP]) for i in range(0, len(letters), GROUP))
        pin_file.write(self._path, Kept(self._hasher.hash(_bytes(pin)), _digest(code)))
        return code

    def _kept(self) -> Kept:
        kept = pin_file.read(self._path)
        if kept is None:
            raise InputError(_("no PIN is set; set one with: safeguard pin set"))
        return kept

    def _matches(self, kept: Kept, pin: str) -> bool:
        if len(pin) > LONGEST:
            return False
        try:
            return self._hasher.verify(kept.pin, _bytes(pin))
        except VerifyMismatchError:
            return False
        except (InvalidHashError, VerificationError):
            raise NotPrivate(_("%(path)s: damaged; a new PIN is made by: sudo safeguard pin reset", path=self._path)) from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone with the file."""
        owner = private.keeper(self._path.parent)
        place = self._path.with_suffix(".lock")
        try:
            with lock.held(place) as fd:
                private.give(fd, owner)
                yield
        except OSError as e:
            raise NotPrivate(_("%(path)s: cannot be locked (%(why)s)", path=place, why=e.strerror)) from e


def _strong(pin: str) -> None:
    if wrong := weakness(pin):
        raise InputError(wrong)


def _bytes(pin: str) -> bytes:
    return normal(pin).encode("utf-8", "surrogatepass")  # an error of encoding would quote it


def _digest(code: str) -> str:
    """Of a recovery code, however it is typed."""
    typed = "".join(c for c in normal(code).upper() if c.isalnum()).translate(str.maketrans("OIL", "011"))
    return sha256(typed.encode("utf-8", "surrogatepass")).hexdigest()


def _log_code() -> str:
    letters = b32encode(secrets.token_bytes(5)).decode()
    return f"{letters[:4]}-{letters[4:]}"

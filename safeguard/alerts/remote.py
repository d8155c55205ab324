"""Messages to the parent's phone or mail: each is sent by a process of its own (deliver.py), so that nothing here ever waits for long."""

from __future__ import annotations

import json
import subprocess
import sys

from safeguard.alerts import deliver
from safeguard.errors import AlertError

PATIENCE_S = 20.0
WHY = {
    deliver.UNKNOWN: "not an address of a service that is known here; the list of them is at github.com/caronc/apprise",
    deliver.HERE: "this is not a service for a phone or for mail",
    deliver.UNVERIFIED: "this address switches the check of certificates off, so others could read the alerts",
    deliver.REFUSED: "the service could not be reached, or refused the message",
}
SLOW = "the service did not answer in time"
BROKEN = "the message could not be sent (SafeGuard's own part failed)"


def check(url: str) -> None:
    """Raises AlertError where it is no address that messages can be sent to; asks nobody."""
    _ask(url, "", "", PATIENCE_S)


def send(url: str, title: str, text: str, patience: float = PATIENCE_S) -> None:
    """Sends one message. Raises AlertError with why it could not, never with the address."""
    _ask(url, title, text, patience)


def _ask(url: str, title: str, text: str, patience: float) -> None:
    isolated = ["-I"] if sys.flags.isolated else []
    command = [sys.executable, *isolated, "-m", deliver.__name__]
    given = json.dumps({"url": url, "title": title, "text": text}).encode()
    try:
        done = subprocess.run(
            command, input=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=patience, start_new_session=True, check=False
        )
    except subprocess.TimeoutExpired:
        raise AlertError(SLOW) from None
    except OSError:
        raise AlertError(BROKEN) from None
    said = done.stdout.decode("ascii", "replace")
    if said != deliver.DONE:
        raise AlertError(WHY.get(said, BROKEN)) from None

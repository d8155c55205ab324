"""What goes into the pipeline and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from safeguard.policy.incident import Incident


class Result(StrEnum):
    """What became of a body; the names of `filter --batch`."""

    PASS = "pass"
    EDIT = "edit"
    REFUSE = "refuse"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What is known of a response besides its body.

    headers: response headers, names in lower case.
    dest:    the request's Sec-Fetch-Dest, "" where the browser sent none.
    account: the child's account on this computer, "" where it is not known.
    status:  of the response.
    """

    url: str
    host: str
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    dest: str = ""
    account: str = ""
    status: int = 200

    def header(self, name: str) -> str:
        """All values of a response header, joined by commas; "" where there is none."""
        return ", ".join(v for n, v in self.headers if n == name)

    @property
    def media(self) -> str:
        """The Content-Type, wherever it was given."""
        return self.content_type or self.header("content-type")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer for one body.

    body:         what the browser gets; the very same object as the input where result is PASS.
    hidden:       number of units hidden.
    why:          for UNCHECKED: what could not be checked.
    content_type: set where the body was replaced by a blocked page or answer, else "".
    """

    result: Result
    body: bytes
    hidden: int = 0
    why: str = ""
    incidents: tuple[Incident, ...] = ()
    content_type: str = ""

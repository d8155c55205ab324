"""The way of one response: bytes -> units -> verdicts -> decisions -> edited bytes, chained here and nowhere else.

No socket and no file: testable with plain values. What cannot be checked becomes an Outcome `unchecked` with a reason,
whose body is the blocked page; the original never leaves by that door.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from safeguard.errors import Unchecked
from safeguard.formats import bodies
from safeguard.formats.document import Document
from safeguard.formats.sites.model import SiteProfile, Sites
from safeguard.matching.engine import Engine
from safeguard.policy import blocked, notice
from safeguard.policy.decision import Decision, decide, is_evidence
from safeguard.policy.incident import EXCERPT, Incident
from safeguard.policy.profile import DEFAULT, Action, Profile
from safeguard.text.unit import TextUnit


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
    """

    url: str
    host: str
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    dest: str = ""


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


@dataclass(slots=True)
class Pipeline:
    """Chains the rooms. `engine` and `sites` are immutable and swapped whole on a reload.

    code_key: secret of this install; the code of a hidden unit is its keyed digest, so the same unit keeps its code.
    """

    engine: Engine
    sites: Sites
    code_key: bytes
    profile: Profile = DEFAULT
    lang: str = "en"
    limit: int = 32 * 2**20
    sink: Callable[[Incident], None] = field(default=lambda incident: None)

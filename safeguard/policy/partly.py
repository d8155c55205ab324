"""A site some of whose pages went without the guard, or showed texts it could not judge. Pure."""

from __future__ import annotations

from dataclasses import dataclass

DAYS = 7
"""What was not met again for so long is over."""


@dataclass(frozen=True, slots=True)
class Partly:
    """site: name of the profile; why: for people; first, last: when it was met, milliseconds since 1970, UTC."""

    site: str
    why: str
    first: int
    last: int

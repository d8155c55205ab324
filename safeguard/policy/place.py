"""The places of a site that a parent can treat apart: what everybody reads, what is written to the child, who people say they are. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from safeguard.language import N_
from safeguard.text.unit import Role


class Place(StrEnum):
    """Where a text stands. A text of which nobody says what it is counts as of the feed."""

    FEED = "feed"
    MESSAGES = "messages"
    PROFILES = "profiles"


CALLED = {Place.FEED: N_("Feed"), Place.MESSAGES: N_("Private messages"), Place.PROFILES: N_("Profiles")}
"""What parents are told of them."""
_OF = {Role.MESSAGE: Place.MESSAGES, Role.BIO: Place.PROFILES, Role.NAME: Place.PROFILES}


def places(roles: Iterable[Role]) -> frozenset[Place]:
    """Where texts of these roles stand."""
    return frozenset(_OF.get(r, Place.FEED) for r in roles)

"""For whom a package is made: it is said in it, and who need not know the child's account does not get it."""

from __future__ import annotations

from enum import StrEnum

from safeguard.language import N_


class Recipient(StrEnum):
    """Who is to get the package."""

    SCHOOL = "school"
    PLATFORM = "platform"
    POLICE = "police"
    OMBUDSMAN = "ombudsman"

    @property
    def called(self) -> str:
        """For people; to be translated."""
        return _CALLED[self]

    @property
    def gets_account(self) -> bool:
        """Whether it is told which account of the computer met the texts; a platform could join that to what it knows of the child."""
        return self is not Recipient.PLATFORM


_CALLED = {
    Recipient.SCHOOL: N_("the school"),
    Recipient.PLATFORM: N_("the platform on which the texts stand"),
    Recipient.POLICE: N_("the police"),
    Recipient.OMBUDSMAN: N_("the ombudsman"),
}

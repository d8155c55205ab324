"""For whom a package is made: it is said in it, and who need not know the child's account does not get it."""

from __future__ import annotations

from enum import StrEnum


class Recipient(StrEnum):
    """Who is to get the package."""

    SCHOOL = "school"
    PLATFORM = "platform"
    POLICE = "police"
    OMBUDSMAN = "ombudsman"

    @property
    def called(self) -> str:
        """In the package's own language."""
        return {"platform": "the platform on which the texts stand", "ombudsman": "the ombudsman"}.get(self.value, f"the {self.value}")

    @property
    def gets_account(self) -> bool:
        """Whether it is told which account of the computer met the texts; a platform could join that to what it knows of the child."""
        return self is not Recipient.PLATFORM

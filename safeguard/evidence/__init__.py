"""Packages of evidence for a school, a platform, police or an ombudsman: made here, and checked byte for byte."""

from safeguard.evidence.check import Checked, check, check_zip
from safeguard.evidence.package import Moment, build
from safeguard.evidence.recipient import Recipient
from safeguard.evidence.told import Told

__all__ = ["Checked", "Moment", "Recipient", "Told", "build", "check", "check_zip"]

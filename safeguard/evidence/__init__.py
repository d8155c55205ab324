"""Packages of evidence for a school, a platform, police or an ombudsman: made here, and checked byte for byte."""

from safeguard.evidence.check import Checked, check
from safeguard.evidence.package import Moment, build

__all__ = ["Checked", "Moment", "build", "check"]

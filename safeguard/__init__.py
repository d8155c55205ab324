"""SafeGuard: a local filter that hides hate and threats on social networks from a child."""

__version__ = "0.1.0"
RELEASED = "2026-11-22"
"""The day of this release: the rules in it are of that day, and no clock that is right is before it."""

"""SafeGuard: a local filter that hides hate and threats on social networks from a child."""

__version__ = "0.1.0"

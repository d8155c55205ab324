"""The parents' page on this computer: signed in by the PIN, served to 127.0.0.1 alone."""

from safeguard.web.app import create_app
from safeguard.web.deps import Deps

__all__ = ["Deps", "create_app"]

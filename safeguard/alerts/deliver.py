"""`python -m safeguard.alerts.deliver`: one message to one address through apprise, in a process that can be ended at any moment.

What is asked for comes on standard input, since the address is a secret; on standard output one word of WORDS, and nothing else anywhere:
libraries log addresses, and what a server answers may quote one.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings

DONE, UNKNOWN, HERE, UNVERIFIED, REFUSED = WORDS = ("done", "unknown", "here", "unverified", "refused")
HERE_SCHEMES = frozenset({"dbus", "qt", "kde", "glib", "gnome", "macosx", "windows", "syslog", "growl"})
"""What shows messages on this very computer, where the child may sit."""
WAIT_S = 8.0


def main() -> None:
    """Reads {url, title, text} as JSON; without a text the address is only looked at."""
    asked = json.loads(sys.stdin.buffer.read())
    answer = os.dup(1)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    try:
        said = _deliver(**asked)
    except Exception:  # of a library or of one of its hundred services; its words may hold the address
        said = REFUSED
    os.write(answer, said.encode())


def _deliver(url: str, title: str, text: str) -> str:
    import apprise

    asset = apprise.AppriseAsset(app_id="SafeGuard", app_desc="SafeGuard", app_url="", secure_logging=True)
    services = apprise.Apprise(asset=asset)
    scheme = url.partition("://")[0].lower()
    if scheme in HERE_SCHEMES:
        return HERE
    if not services.add(url) or len(services) != 1:
        return UNKNOWN
    [service] = services
    if not service.verify_certificate:
        return UNVERIFIED
    service.socket_connect_timeout = service.socket_read_timeout = WAIT_S
    if text and not services.notify(title=title, body=text, body_format=apprise.NotifyFormat.TEXT):
        return REFUSED
    return DONE


if __name__ == "__main__":
    main()

"""A parent's choices -> the plan for a Mac, of the same types as for Linux. No I/O. Not tried on a real machine."""

from __future__ import annotations

import hashlib
import plistlib
import ssl
import uuid
from pathlib import PurePosixPath
from typing import Any

from safeguard.setup import elsewhere, policies
from safeguard.setup.elsewhere import Wanted
from safeguard.setup.plan import Account, Folder, Plan, Run, Step, WriteFile
from safeguard.system.paths import ELSEWHERE

PROGRAM, FAMILY = (PurePosixPath(p) for p in ELSEWHERE["darwin"])
TOP = PROGRAM.parent
ROOT = TOP / "safeguard-root.crt"
PROFILE = TOP / "SafeGuard.mobileconfig"
DAEMON = PurePosixPath("/Library/LaunchDaemons/org.safeguard.filter.plist")
KEYCHAIN = "/Library/Keychains/System.keychain"
ACCOUNT = "_safeguard"
IDENTIFIER = "org.safeguard.policies"
CHROMIUM = {"com.google.Chrome": "", "org.chromium.Chromium": "", "com.microsoft.Edge": "edge", "com.brave.Browser": "brave"}
"""Domain of preferences -> whose policies it has beside Chromium's own, as policies.CHROMIUM_FOLDERS."""
FIREFOX = "org.mozilla.firefox"
EXAMPLE = ("/Library/Frameworks/Python.framework/Versions/3.12/bin/python3.12", "/Users/Shared/SafeGuard")
"""An interpreter and a download, for who looks from another system."""
# dseditgroup says "no NAME is NOT a member of admin"; whatever else it says, an error too, is refused.
_STANDARD = """\
/usr/bin/id -u "$1" && case "$(/usr/sbin/dseditgroup -o checkmember -m "$1" admin)" in "no "*) ;; *) \
echo "the child is an administrator of this computer; give the child a standard account" >&2; exit 1 ;; esac"""
# The parent has to say yes in the System Settings; without the profile no browser would go through the filter.
_WAIT = 'for i in $(/usr/bin/seq 150); do /usr/bin/profiles list | /usr/bin/grep -qF "$1" && exit 0; /bin/sleep 2; done; exit 1'


def plan(wanted: Wanted) -> Plan:
    """Raises InputError for a name that no account can have."""
    child = elsewhere.name(wanted.child, "/:@")
    return (
        Step("child", f"Check that {child} is a standard account.", (Run(("/bin/sh", "-c", _STANDARD, "sh", child)),)),
        Step("program", f"Put the program into {PROGRAM}, where only root can write.", _program(wanted)),
        Step("account", f"Make the system account {ACCOUNT} for the filter; nobody can log in to it.", (Account(ACCOUNT, FAMILY),)),
        Step(
            "places",
            f"Make {FAMILY} for settings, log and caches, which only the filter and root can open.",
            (
                Folder(FAMILY, 0o700, ACCOUNT),
                *(Folder(FAMILY / place, 0o700, ACCOUNT) for place in ("config", "state", "cache", "state/ca")),
                *elsewhere.family(wanted, FAMILY, ACCOUNT),
            ),
        ),
        Step("system", "Let this computer trust the family's own certificate, good for the watched sites alone.", _trust(wanted.root)),
        Step(
            "browsers",
            "Tell Chromium, Chrome, Edge, Brave and Firefox by a profile to open the watched sites through the filter alone; "
            "confirm it in the System Settings within five minutes.",
            (
                WriteFile(PROFILE, profile(wanted)),
                Run(("/usr/bin/open", str(PROFILE)), undo=("/usr/bin/profiles", "remove", "-identifier", IDENTIFIER)),
                Run(("/bin/sh", "-c", _WAIT, "sh", IDENTIFIER)),
            ),
        ),
        Step(
            "service",
            "Start the filter by launchd, now and whenever it ends.",
            (
                WriteFile(DAEMON, daemon()),
                Run(
                    ("/bin/launchctl", "bootstrap", "system", str(DAEMON)),
                    undo=("/bin/launchctl", "bootout", f"system/{DAEMON.stem}"),
                ),
            ),
        ),
    )


def profile(wanted: Wanted) -> bytes:
    """The same policies as on Linux, as a configuration profile for the whole computer."""
    payloads = {d: policies.chromium(wanted.pac, wanted.root, wanted.browsers, brand) for d, brand in CHROMIUM.items()}
    payloads[FIREFOX] = {"EnterprisePoliciesEnabled": True, **policies.firefox(wanted.pac, str(ROOT), wanted.browsers)}
    whole = {
        **_payload("Configuration", IDENTIFIER, "SafeGuard"),
        "PayloadScope": "System",
        "PayloadContent": [told | _payload(domain, f"{IDENTIFIER}.{domain}", domain) for domain, told in payloads.items()],
    }
    return plistlib.dumps(whole)


def daemon() -> bytes:
    """The filter as launchd keeps it."""
    return plistlib.dumps(
        {
            "Label": DAEMON.stem,
            "ProgramArguments": [str(PROGRAM / "bin" / "python"), "-I", "-B", "-m", "safeguard", "run"],
            "UserName": ACCOUNT,
            "EnvironmentVariables": {"HOME": str(FAMILY / "state")},
            "RunAtLoad": True,
            "KeepAlive": True,
            "ThrottleInterval": 1,
            "Umask": 0o077,
            "ProcessType": "Interactive",  # browsing waits for it
        }
    )


def _payload(kind: str, identifier: str, name: str) -> dict[str, Any]:
    return {
        "PayloadType": kind,
        "PayloadVersion": 1,
        "PayloadIdentifier": identifier,
        "PayloadUUID": str(uuid.uuid5(uuid.NAMESPACE_DNS, identifier)).upper(),
        "PayloadDisplayName": name,
    }


def _program(wanted: Wanted) -> tuple[Folder | Run, ...]:
    pip = (str(PROGRAM / "bin" / "python"), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    return (Folder(TOP), Folder(PROGRAM), Run((wanted.python, "-I", "-m", "venv", str(PROGRAM))), Run((*pip, wanted.source)))


def _trust(root_pem: bytes) -> tuple[WriteFile | Run, ...]:
    security = "/usr/bin/security"
    digest = hashlib.sha1(ssl.PEM_cert_to_DER_cert(root_pem.decode()), usedforsecurity=False).hexdigest().upper()
    trust = (security, "add-trusted-cert", "-d", "-r", "trustRoot", "-k", KEYCHAIN, str(ROOT))
    return (
        WriteFile(ROOT, root_pem),
        Run((), undo=(security, "delete-certificate", "-Z", digest, KEYCHAIN)),
        Run(trust, undo=(security, "remove-trusted-cert", "-d", str(ROOT))),
    )

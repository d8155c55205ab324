"""What a PC's browsers are told by managed policies: where watched sites go, whom they trust, what a child may not change. Pure.

Chromium and its kin merge every file of a folder; Firefox reads one file alone, so ours goes into what the distribution has there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from safeguard.errors import InputError
from safeguard.language import _

CHROMIUM_FOLDERS = {
    PurePosixPath("/etc/chromium/policies/managed"): "",
    PurePosixPath("/etc/chromium-browser/policies/managed"): "",  # Ubuntu's
    PurePosixPath("/etc/opt/chrome/policies/managed"): "",
    PurePosixPath("/etc/opt/edge/policies/managed"): "edge",
    PurePosixPath("/etc/brave/policies/managed"): "brave",
}
"""Folder -> whose policies it has beside Chromium's own."""
CHROMIUM_FILE = "zz-safeguard.json"  # of two files that speak of one policy the last by name is heard
FIREFOX_FILE = PurePosixPath("/etc/firefox/policies/policies.json")
"""Debian's ESR reads it too (measured). Where it exists, no other policies.json is read."""
FIREFOX_OTHERS = (
    PurePosixPath("/usr/lib/firefox-esr/distribution/policies.json"),
    PurePosixPath("/usr/lib/firefox/distribution/policies.json"),
    PurePosixPath("/usr/lib64/firefox/distribution/policies.json"),
)
"""What Firefox would read without ours; the first that exists goes into ours."""
FIREFOX_ROOT = PurePosixPath("/etc/firefox/policies/safeguard-root.pem")
_BEFORE = "before safeguard"  # beside "policies", where Firefox does not look: what an earlier setup of ours found


@dataclass(frozen=True, slots=True)
class Options:
    """What the parent chooses; each default is the side that protects. QUIC is always off: it goes past a proxy.

    own_dns:             the browser may ask a name server of its own choice (DNS over HTTPS).
    private_windows:     private windows; they are filtered, but leave no history.
    guest:               Chromium's guest windows; filtered too.
    extensions:          the child may install any; otherwise only allowed_extensions.
    allowed_extensions:  ids of extensions in Chromium's store, which the child may install then.
    firefox_addons:      ids of add-ons in Mozilla's catalogue, which Firefox then installs itself.
    ask:                 (name, address) of a bookmark: where a child asks for a check, also of what a site's page gives no way to click.
    """

    own_dns: bool = False
    private_windows: bool = False
    guest: bool = False
    extensions: bool = False
    allowed_extensions: tuple[str, ...] = ()
    firefox_addons: tuple[str, ...] = ()
    ask: tuple[str, str] | None = None


def chromium(pac_url: str, root_pem: bytes, options: Options, brand: str = "") -> dict[str, Any]:
    """The policies of Chromium and Chrome, or of a brand ("edge", "brave"), on every system. root_pem: whom to trust for servers."""
    told: dict[str, Any] = {
        "ProxySettings": {"ProxyMode": "pac_script", "ProxyPacUrl": pac_url, "ProxyPacMandatory": True},
        "CACertificates": [_body(root_pem)],  # since version 128; older ones ask the NSS database
        "QuicAllowed": False,
    }
    if brand == "brave":
        told |= {"TorDisabled": True, "BraveVPNDisabled": True}  # ways past any proxy
    if options.ask:
        told["ManagedBookmarks"] = _bookmarks(*options.ask)
    if not options.own_dns:
        told["DnsOverHttpsMode"] = "off"
    if not options.private_windows:
        told["InPrivateModeAvailability" if brand == "edge" else "IncognitoModeAvailability"] = 1
    if not options.guest:
        told["BrowserGuestModeEnabled"] = False
    if not options.extensions:
        told["ExtensionInstallBlocklist"] = ["*"]
        if options.allowed_extensions:
            told["ExtensionInstallAllowlist"] = list(options.allowed_extensions)
    return told


def firefox(pac_url: str, root_file: str, options: Options, existing: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The policies of Firefox, ours into the existing ones. root_file: where the certificate stands, readable by the child."""
    told: dict[str, Any] = {
        "Proxy": {"Mode": "autoConfig", "AutoConfigURL": pac_url, "Locked": True},
        "Certificates": {"Install": [root_file]},
        "Preferences": {
            name: {"Value": value, "Status": "locked"}
            for name, value in {
                "network.proxy.failover_direct": False,  # with the filter dead, no way round it
                "network.proxy.allow_bypass": False,
                "network.http.http3.enable": False,
                "network.http.http3.enabled": False,  # its name until version 128
            }.items()
        },
    }
    if options.ask:
        told["ManagedBookmarks"] = _bookmarks(*options.ask)
    if not options.own_dns:
        told["DNSOverHTTPS"] = {"Enabled": False, "Locked": True}
    if not options.private_windows:
        told["DisablePrivateBrowsing"] = True
    # An add-on may choose a proxy of its own for each request, whatever is locked. "blocked" for all would remove those there are for good.
    told["ExtensionSettings"] = {"*": {"blocked_permissions": ["proxy"]}}
    if not options.extensions:
        told["InstallAddonsPermission"] = {"Default": False}
        told["ExtensionSettings"] |= {name: {"installation_mode": "normal_installed"} for name in options.firefox_addons}
    return _merged(dict(existing or {}), told)


def _bookmarks(name: str, address: str) -> list[dict[str, str]]:
    """A folder of its own beside the child's bookmarks, which the child cannot take away."""
    return [{"toplevel_name": "SafeGuard"}, {"name": name, "url": address}]


def files(
    pac_url: str, root_pem: bytes, options: Options, existing: Mapping[PurePosixPath, bytes] | None = None
) -> dict[PurePosixPath, bytes]:
    """Every policy file of a Linux PC, whole. existing: content of those of FIREFOX_FILE and FIREFOX_OTHERS that exist.

    Raises InputError where an existing one cannot be read, for Firefox would then heed none.
    """
    there = existing or {}
    before: Mapping[str, Any] = {}
    for path in (FIREFOX_FILE, *FIREFOX_OTHERS):
        if path in there:
            before = _policies(path, there[path])
            break
    return {
        **{folder / CHROMIUM_FILE: _json(chromium(pac_url, root_pem, options, brand)) for folder, brand in CHROMIUM_FOLDERS.items()},
        FIREFOX_ROOT: root_pem,
        FIREFOX_FILE: _json({"policies": firefox(pac_url, str(FIREFOX_ROOT), options, before), _BEFORE: before}),
    }


def _policies(path: PurePosixPath, data: bytes) -> dict[str, Any]:
    """The policies of others in a file; of one that is ours already, those that we found there."""
    try:
        told = json.loads(data)
        found = told.get(_BEFORE, told["policies"])
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise InputError(_("%(path)s: not a file of Firefox policies; mend it or take it away", path=path)) from e
    if not isinstance(found, dict):
        raise InputError(_("%(path)s: not a file of Firefox policies; mend it or take it away", path=path))
    return found


def _merged(before: dict[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """Ours wins value by value; lists are joined, and what is not ours stays."""
    out = dict(before)
    for key, value in ours.items():
        old = before.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            out[key] = _merged(old, value)
        elif isinstance(value, list) and isinstance(old, list):
            out[key] = [*(v for v in old if v not in value), *value]
        else:
            out[key] = value
    return out


def _body(pem: bytes) -> str:
    """The base64 of a certificate, without its frame and line ends."""
    return "".join(line for line in pem.decode("ascii").splitlines() if line and not line.startswith("-----"))


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, indent=2).encode() + b"\n"

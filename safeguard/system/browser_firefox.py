"""A Firefox profile that goes through the filter: its settings in user.js, our certificate in its own database."""

from __future__ import annotations

import json
from pathlib import Path

from safeguard.system.browser_nss import trust

PREFERENCES: dict[str, str | int | bool] = {
    "network.proxy.type": 2,  # by PAC
    "network.proxy.failover_direct": False,  # with the filter dead, no way round it
    "network.proxy.allow_bypass": False,
    "network.trr.mode": 5,  # names are the filter's to resolve
    "network.dns.echconfig.enabled": False,
    "network.http.http3.enable": False,
    "network.dns.disablePrefetch": True,
    "network.prefetch-next": False,
    "security.enterprise_roots.enabled": False,  # what the system trusts is not asked
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.normandy.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


def prepare(profile: Path, root_pem: bytes, pac: str) -> Path:
    """Make the profile folder ready (again) and return it. Raises ProxyError where certutil is missing or fails."""
    profile.mkdir(parents=True, exist_ok=True, mode=0o700)
    trust(profile, root_pem)
    lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in {**PREFERENCES, "network.proxy.autoconfig_url": pac}.items()]
    (profile / "user.js").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return profile

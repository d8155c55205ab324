"""Strict mode: the PC itself lets the child's account reach the filter and nothing else, whatever program asks. Pure.

Rules of nftables by the owner of a connection. All browsing then goes through the filter (browser_pac.all_url), which resolves names too.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from safeguard.setup.plan import Action, Run, WriteFile

TABLE = "safeguard"
RULES = PurePosixPath("/etc/safeguard-strict.nft")
"""Root's, not below /etc/safeguard, which the service may write to: root loads it."""
UNIT = PurePosixPath("/etc/systemd/system/safeguard-strict.service")
_NFT = "/usr/sbin/nft"
_LOAD, _DROP = (_NFT, "-f", str(RULES)), (_NFT, "delete", "table", "inet", TABLE)


def accounts(uid: int, name: str, subuid: str) -> tuple[tuple[int, int], ...]:
    """First and last of the user ids that a child can act as. subuid: content of /etc/subuid, by which containers get more ids."""
    found = [(uid, uid)]
    for line in subuid.splitlines():
        owner, _, rest = line.strip().partition(":")
        first, _, count = rest.partition(":")
        if owner in (name, str(uid)) and first.isdecimal() and count.isdecimal() and int(count):
            found.append((int(first), int(first) + int(count) - 1))
    return tuple(sorted(set(found)))


def rules(uids: Iterable[tuple[int, int]], port: int) -> str:
    """What nft reads. A table of ours alone, made anew in one go; refusals are told, so nothing waits. Raises ValueError for nobody."""
    who = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in uids)
    if not who:
        raise ValueError("strict mode for nobody")
    return f"""table inet {TABLE}
delete table inet {TABLE}
table inet {TABLE} {{
  set children {{
    type uid
    flags interval
    auto-merge
    elements = {{ {who} }}
  }}
  chain output {{
    type filter hook output priority 0; policy accept;
    meta skuid @children goto child
  }}
  chain child {{
    oif "lo" ip daddr 127.0.0.1 tcp dport {port} accept
    meta l4proto tcp reject with tcp reset
    reject with icmpx admin-prohibited
  }}
}}
"""


def actions(uids: Iterable[tuple[int, int]], port: int, *, at_boot: bool) -> tuple[Action, ...]:
    """at_boot: systemd loads the rules before the network is there; without it they last until the PC is switched off."""
    file = WriteFile(RULES, rules(uids, port).encode(), mode=0o600)
    if not at_boot:
        return (file, Run(_LOAD, undo=_DROP))
    reload = ("systemctl", "daemon-reload")
    on, off = (("systemctl", verb, "--now", UNIT.name) for verb in ("enable", "disable"))
    return (file, Run((), undo=reload), WriteFile(UNIT, unit().encode()), Run(reload), Run(on, undo=off))


def unit() -> str:
    """After the PC's own firewall, which empties all tables when it is loaded."""
    return f"""[Unit]
Description=SafeGuard, strict mode: the child's account reaches the filter and nothing else
DefaultDependencies=no
After=local-fs.target nftables.service
Before=network-pre.target shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={" ".join(_LOAD)}
ExecReload={" ".join(_LOAD)}
ExecStop={" ".join(_DROP)}

[Install]
WantedBy=sysinit.target
"""

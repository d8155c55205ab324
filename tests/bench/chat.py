"""A real chat behind the guard: converse.js and Prosody as tests/live has them, until the page holds some 5,000 nodes."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from safeguard.formats.sites.model import Opaque, Selector, SiteProfile, Sites
from safeguard.proxy import ca_store, master
from safeguard.proxy.checking import PipelineChecker
from safeguard.proxy.upstream import table_resolver
from safeguard.system.chromium_pipe import Chromium, find_chromium, prepare_chromium_home
from safeguard.text.unit import Role
from tests.bench import sampling, texts
from tests.bench.engine import pipeline
from tests.live import converse, prosody
from tests.live.friend import Friend
from tests.live.kid import Kid

MESSAGES, NODES = 45, 5000
END = "that was all for today"
SITE = SiteProfile(
    "chat",
    "Chat",
    (prosody.HOST,),
    selectors=((Selector("", frozenset({"chat-msg__text"})), Role.MESSAGE),),
    units=(Selector("converse-chat-message"),),
    opaque=Opaque.DOM_GUARD,
)


def missing() -> str:
    """What must be installed or fetched first, or ""."""
    if find_chromium() is None or shutil.which("certutil") is None:
        return "no Chromium or certutil on PATH"
    return prosody.missing() or converse.missing()


def spent(folder: Path, rounds: int) -> list[sampling.Spent]:
    """Script of guard and page in each round, without a first that warms up. Each round is a child of its own: no old messages."""
    www = folder / "www"
    www.mkdir()
    converse.unpack(www)
    kids = {f"kid{n}": "one" for n in range(rounds + 1)}
    with prosody.Prosody(folder / "prosody", www, {"friend": "two", **kids}) as server:
        converse.write_page(www, server.url)
        made = pipeline(folder)
        made.sites = Sites.of([SITE])
        authority = ca_store.open_authority(folder / "ca", [prosody.HOST]).authority
        (folder / "roots.pem").write_bytes(server.ca)
        running = master.start_in_thread(
            PipelineChecker(made),
            authority,
            resolver=table_resolver({prosody.HOST: prosody.LOOPBACK}),
            private=[(prosody.HOST, server.port)],
            trust_roots=folder / "roots.pem",
        )
        try:
            home = prepare_chromium_home(folder / "home", authority.root_pem)
            with Friend(server.port, server.ca, "friend", "two") as friend:
                return [_visit(running.address, home, f"{server.url}/", name, friend) for name in kids][1:]
        finally:
            running.stop()


def _visit(proxy: str, home: Path, address: str, name: str, friend: Friend) -> sampling.Spent:
    with Kid(Chromium(proxy=proxy, home=home), address, name, "one") as kid:
        kid.open_chat(friend.jid)
        with sampling.Sampling(kid.page, address) as sampled:
            for number, text in enumerate(texts.posts(MESSAGES, seed=3)):
                friend.say(kid.jid, f"{text} {number}")
                if number % 5 == 4:
                    time.sleep(0.1)
            friend.say(kid.jid, END)
            kid.sees(END, 60)
            time.sleep(1)
        sampling.check(kid.page, NODES)
    return sampled.spent

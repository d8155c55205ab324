"""Prosody, converse.js, Chromium and the real proxy with the shipped rules between them; all on loopback, all gone at the end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from safeguard import wiring
from safeguard.config import Settings
from safeguard.formats.sites.model import SiteProfile, Sites
from safeguard.policy.incident import Incident
from safeguard.proxy import ca_store, master, upstream
from safeguard.proxy.checking import PipelineChecker
from safeguard.system.chromium_pipe import Chromium, find_chromium, prepare_chromium_home
from safeguard.system.paths import Paths
from tests.live import converse, prosody
from tests.live.friend import Friend
from tests.live.kid import Kid
from tests.live.prosody import Prosody

ACCOUNTS = {"friend": "two", "kid": "one", "late": "three", "guest": "four", "nicks": "five"}


@dataclass
class Chat:
    """The server, the proxy in front of it and the incidents so far."""

    server: Prosody
    proxy: str
    home: Path
    incidents: list[Incident] = field(default_factory=list)

    def friend(self) -> Friend:
        """The one who writes, past the filter."""
        return Friend(self.server.port, self.server.ca, "friend", ACCOUNTS["friend"])

    def kid(self, name: str) -> Kid:
        """The one who reads, behind the filter."""
        browser = Chromium(proxy=self.proxy, home=self.home)
        try:
            return Kid(browser, f"{self.server.url}/", name, ACCOUNTS[name])
        except BaseException:
            browser.close()
            raise


def _why_not() -> str:
    if find_chromium() is None:
        return "no Chromium on PATH; on Debian: apt install chromium"
    if shutil.which("certutil") is None:
        return "no certutil on PATH; on Debian: apt install libnss3-tools"
    return prosody.missing() or converse.missing()


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    if why := _why_not():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("chat")
    www = folder / "www"
    www.mkdir()
    converse.unpack(www)
    with Prosody(folder / "prosody", www, ACCOUNTS) as server:
        converse.write_page(www, server.url)
        incidents: list[Incident] = []
        pipeline = wiring.build_pipeline(Settings(lang="en"), sink=incidents.append, paths=Paths.under(folder / "own"), code_key=b"k" * 32)
        pipeline.sites = Sites.of([*pipeline.sites.profiles, SiteProfile("chat", "Chat", (prosody.HOST,))])
        authority = ca_store.open_authority(folder / "ca", [prosody.HOST]).authority
        roots = folder / "roots.pem"
        roots.write_bytes(server.ca)
        running = master.start_in_thread(
            PipelineChecker(pipeline),
            authority,
            resolver=upstream.table_resolver({prosody.HOST: prosody.LOOPBACK}),  # knows no other name: nothing leaves
            private=[(prosody.HOST, server.port)],
            trust_roots=roots,
        )
        try:
            yield Chat(server, running.address, prepare_chromium_home(folder / "home", authority.root_pem), incidents)
        finally:
            running.stop()


@pytest.fixture
def friend(chat: Chat) -> Iterator[Friend]:
    with chat.friend() as f:
        yield f


@pytest.fixture(scope="module")
def kid(chat: Chat) -> Iterator[Kid]:
    """Logged in once for all tests of a module, in a chat with the friend."""
    with chat.kid("kid") as k:
        k.open_chat(f"friend@{prosody.HOST}")
        yield k


Visit = Callable[[str], Kid]


@pytest.fixture
def visit(chat: Chat) -> Iterator[Visit]:
    """Logs others in, each in a browser of its own."""
    made: list[Kid] = []

    def log_in(name: str) -> Kid:
        made.append(chat.kid(name))
        return made[-1]

    yield log_in
    for k in made:
        k.__exit__(None, None, None)

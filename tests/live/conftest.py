"""Prosody, converse.js, Chromium and the real proxy with the shipped rules between them; all on loopback, all gone at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from safeguard.policy.incident import Incident
from safeguard.system.chromium_pipe import Chromium
from tests.live import converse, prosody
from tests.live.filtering import filtering, no_browser
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


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> Iterator[Chat]:
    if why := no_browser() or prosody.missing() or converse.missing():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("chat")
    www = folder / "www"
    www.mkdir()
    converse.unpack(www)
    with Prosody(folder / "prosody", www, ACCOUNTS) as server:
        converse.write_page(www, server.url)
        with filtering(folder, shared_cache, prosody.HOST, server.port, server.ca) as between:
            yield Chat(server, between.proxy, between.home, between.incidents)


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

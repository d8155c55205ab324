"""Software that we did not write, over plain HTTP: The Lounge in Chromium, through the real proxy, and ngIRCd behind it.

The friend writes straight to the IRC server; what the child gets came through the filter, as socket.io events. A harmless message follows
every threat: once that one is shown, the threat was there before it, and the connection lives on.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from safeguard.system.chromium_pipe import Chromium
from tests.live import lounge, ngircd
from tests.live.filtering import Filter, filtering, no_browser
from tests.live.kid import NOTICE
from tests.live.lounge import KID, PASSWORD, Lounge
from tests.live.ngircd import CHANNEL, Ngircd, Speaker
from tests.live.process import LOOPBACK
from tests.live.reader import Reader
from tests.live.texts import THREATS

pytestmark = pytest.mark.e2e

FRIEND = "Sevda"


@dataclass
class Irc:
    """Both servers, and the filter in front of the one the child sees."""

    server: Ngircd
    client: Lounge
    filter: Filter

    def sign_in(self, *, sockets: bool = True) -> Reader:
        browser = Chromium(proxy=self.filter.proxy, home=self.filter.home)
        try:
            return Reader(browser, self.client.url, KID, PASSWORD, CHANNEL, sockets=sockets)
        except BaseException:
            browser.close()
            raise

    def hidden(self, seen: list[str], threat: str) -> None:
        """The message before the last is a notice, and its code leads to this threat."""
        found = NOTICE.search(seen[-2])
        assert found, seen
        incidents = [i for i in self.filter.incidents if i.code == found[1]]
        assert incidents, (found[1], self.filter.incidents)
        assert threat in incidents[0].excerpt or incidents[0].excerpt in threat


@pytest.fixture(scope="module")
def irc(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> Iterator[Irc]:
    if why := no_browser() or ngircd.missing() or lounge.missing():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("irc")
    with (
        Ngircd(folder / "ngircd") as server,
        Lounge(folder / "lounge", server.port) as client,
        filtering(folder, shared_cache, lounge.HOST, client.port) as between,
    ):
        yield Irc(server, client, between)


@pytest.fixture(scope="module")
def friend(irc: Irc) -> Iterator[Speaker]:
    with Speaker(irc.server.port, FRIEND) as f:
        f.waits_for(KID)
        yield f


@pytest.fixture(scope="module")
def kid(irc: Irc, friend: Speaker) -> Iterator[Reader]:
    """Signed in once for all tests."""
    with irc.sign_in() as k:
        yield k


@pytest.mark.parametrize(("threat", "harmless"), THREATS.values(), ids=THREATS)
def test_a_threat_is_hidden_and_the_next_message_shown(irc: Irc, friend: Speaker, kid: Reader, threat: str, harmless: str) -> None:
    friend.say(threat)
    friend.say(harmless)
    irc.hidden(kid.sees(harmless), threat)
    assert kid.knows(threat) == []
    assert kid.knows(harmless) == ["frames", "document"]


def test_an_answer_reaches_the_friend(friend: Speaker, kid: Reader) -> None:
    said = "Gerne! Вечером; akşam; երեկոյան 🙂 <b>&"
    kid.answer(said)
    assert friend.hears("Gerne!") == (KID, said)
    kid.sees(said)


def test_a_message_for_the_child_alone(irc: Irc, friend: Speaker, kid: Reader) -> None:
    threat, harmless = THREATS["ru"]
    friend.say(threat, to=KID)
    friend.say(harmless, to=KID)
    kid.open(FRIEND)
    irc.hidden(kid.sees(harmless), threat)
    assert kid.knows(threat) == []
    kid.answer("Only for you")
    assert friend.hears("Only for you")[0] == KID
    kid.open(CHANNEL)


def test_the_topic_of_the_channel(friend: Speaker, kid: Reader) -> None:
    threat, harmless = THREATS["en hate"]
    friend.topic(threat)
    friend.say("A new topic")
    kid.sees("A new topic")
    assert kid.knows(threat) == []
    assert any('"topic"' in f and NOTICE.search(f) for f in kid.frames())
    friend.topic(harmless)
    friend.say("Another topic")
    kid.sees("Another topic")
    assert "document" in kid.knows(harmless)


def test_what_was_written_while_the_child_was_away(irc: Irc, friend: Speaker) -> None:
    """All of it comes at once, in one event many times as long as a message."""
    threat = THREATS["tr"][0]
    for text in ("Hello, are you there?", threat, "See you at school"):
        friend.say(text)
    with irc.sign_in() as late:
        seen = late.sees("See you at school")
        irc.hidden(seen, threat)
        assert "Hello, are you there?" in seen[-3]
        assert late.knows(threat) == []


def test_a_browser_without_websockets(irc: Irc, friend: Speaker) -> None:
    """All events come by long polling, `104:42["msg",…]` as plain text: history first, then what is said."""
    with irc.sign_in(sockets=False) as polling:
        for threat, harmless in THREATS.values():
            friend.say(threat)
            friend.say(f"{harmless} (2)")
            irc.hidden(polling.sees(f"{harmless} (2)"), threat)
            assert polling.knows(threat) == []
        polling.answer("Without a socket, тоже")
        assert friend.hears("Without a socket, тоже")[0] == KID
        assert polling.frames() == []


def test_the_server_would_compress_what_the_filter_must_read(irc: Irc, kid: Reader) -> None:
    asked = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Extensions": "permessage-deflate",
    }
    direct = http.client.HTTPConnection(LOOPBACK, irc.client.port, timeout=10)
    direct.request("GET", "/socket.io/?EIO=3&transport=websocket", headers=asked)
    answer = direct.getresponse()
    assert (answer.status, answer.getheader("Sec-WebSocket-Extensions")) == (101, "permessage-deflate")
    answer.close()
    direct.close()
    assert any(f.startswith('42["msg"') for f in kid.frames())


def test_the_page_is_whole_and_nothing_went_elsewhere(irc: Irc, kid: Reader) -> None:
    assert kid.strangers() == set()
    assert kid.errors() == []
    assert [i.excerpt for i in irc.filter.incidents if i.kind == "unchecked"] == []

"""Messages of live connections in every framing we know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.formats.messages import read_message
from safeguard.formats.sites.model import Opaque, SiteProfile
from safeguard.pipeline import Exchange, Result
from safeguard.text.unit import Role
from tests.formats.fake import BAD, pipeline

PIPELINE = pipeline()
EXCHANGE = Exchange("wss://site.test/live", "site.test")


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param('{"t": "MESSAGE", "d": {"content": "%s"}}', id="JSON"),
        pytest.param('42["message",{"text":"%s"}]', id="socket.io"),
        pytest.param('42/chat,17["message","%s"]', id="socket.io with namespace and ack"),
        pytest.param('451-["x",{"text":"%s","_placeholder":true}]', id="socket.io binary event"),
        pytest.param('a["{\\"text\\":\\"%s\\"}"]', id="SockJS"),
        pytest.param('{"type":1,"text":"%s"}\x1e', id="SignalR"),
        pytest.param('2probe\x1e42["%s"]', id="engine.io payload"),
        pytest.param("<message from='a@b'><body>%s</body></message>", id="XMPP"),
        pytest.param(
            "<message><result><forwarded><delay/><message from='a@b/c'><body>%s</body></message></forwarded></result></message>", id="MAM"
        ),
        pytest.param("<presence from='room@b/%s' to='me@b/c'/>", id="XMPP nickname"),
        pytest.param('<iq><query><item jid="room@b" name="%s"/></query></iq>', id="XMPP list of rooms"),
        pytest.param("@id=1;color=#F00 :nick!u@host PRIVMSG #room :%s", id="IRC"),
        pytest.param("%s", id="plain line"),
    ],
)
def test_the_text_goes_and_the_frame_stays(frame: str) -> None:
    outcome = PIPELINE.check_message(EXCHANGE, frame.replace("%s", BAD))
    head, tail = frame.split("%s")
    said = outcome.body.decode()
    assert outcome.result is Result.EDIT
    assert BAD not in said
    assert said.startswith(head)
    assert said.endswith(tail)
    assert PIPELINE.check_message(EXCHANGE, frame.replace("%s", "fine words")).result is Result.PASS


def test_who_wrote_an_xmpp_message() -> None:
    """The innermost sender: an archive's answer carries the message inside another one."""
    plain = read_message("<message from='a@b/phone' to='me@b'><body>words</body></message>")
    archived = read_message(
        "<message from='me@b'><result><forwarded><message from='a@b/phone'><body>words</body></message></forwarded></result></message>"
    )
    for document in (plain, archived):
        unit = next(u for u in document.units if u.segments[0].text == "words")
        assert (unit.author, unit.segments[0].role) == ("a@b/phone", Role.MESSAGE)


def test_binary_messages_pass_only_where_the_profile_says_so() -> None:
    assert PIPELINE.check_message(EXCHANGE, b"\x08\x01").result is Result.UNCHECKED
    knows = pipeline(SiteProfile("s", "S", ("site.test",), opaque=Opaque.DOM_GUARD))
    assert knows.check_message(EXCHANGE, b"\x08\x01").result is Result.PASS


@given(st.text())
def test_any_text_without_harm_is_untouched(text: str) -> None:
    outcome = PIPELINE.check_message(EXCHANGE, text)
    assert outcome.result is Result.PASS
    assert outcome.body == text.encode("utf-8", "surrogatepass")

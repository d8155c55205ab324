"""Messages of live connections in every framing we know."""

from __future__ import annotations

import json
import time
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.formats.bodies import glance
from safeguard.formats.messages import read_message, without_prefix
from safeguard.formats.sites.model import Opaque, SiteProfile
from safeguard.formats.sites.parser import parse
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
        pytest.param(
            '<message xmlns="jabber:client" from="a@b"><body>hi</body><html xmlns="http://jabber.org/protocol/xhtml-im">'
            '<body xmlns="http://www.w3.org/1999/xhtml"><p>%s</p></body></html></message>',
            id="XMPP with HTML",
        ),
        pytest.param('<presence from="a@b"><show>away</show><status>%s</status></presence>', id="XMPP status"),
        pytest.param(
            '<message from="a@b"><nick xmlns="http://jabber.org/protocol/nick">%s</nick><body>hi</body></message>', id="XMPP nick"
        ),
        pytest.param("<message from='a@b'><body><![CDATA[%s]]></body></message>", id="XMPP with CDATA"),
        pytest.param('42["event:new_post",{"posts":[{"pid":7,"content":"<p>%s</p>","user":{"username":"ann"}}]}]', id="NodeBB"),
        pytest.param('431[null,{"posts":[{"content":"fine"},{"content":"%s"}]}]', id="NodeBB's answer to a call"),
        pytest.param('431["%s"]', id="ack"),
        pytest.param('44{"message":"%s"}', id="socket.io error"),
        pytest.param('{"id":"1","type":"next","payload":{"data":{"post":{"body":"%s"}}}}', id="GraphQL over WebSocket"),
        pytest.param('[1,"7","room:1","new_msg",{"body":"%s"}]', id="Phoenix"),
        pytest.param('{"event":"new","data":"{\\"text\\":\\"%s\\"}","channel":"c"}', id="Pusher"),
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


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<p>ver<b>bo</b>ten <span style='x'>words <em>he</em>re</span></p>", id="elements"),
        pytest.param("verboten&#x20;words &#104;ere", id="references"),
        pytest.param("verboten <![CDATA[words]]> here", id="CDATA"),
    ],
)
def test_a_text_of_a_stanza_in_pieces_is_judged_joined(body: str) -> None:
    frame = f"<message from='a@b'><body>good morning</body><html><body>{body}</body></html></message>"
    outcome = PIPELINE.check_message(EXCHANGE, frame)
    assert outcome.hidden == 1
    said = outcome.body.decode()
    assert said.startswith("<message from='a@b'><body>good morning</body>")
    assert not any(word in said for word in ("ver<", "words", "ere"))
    fromstring(said)


POLL = {
    "question": {"text": "Which?"},
    "answers": [{"answer_id": 1, "poll_media": {"text": "This"}}, {"answer_id": 2, "poll_media": {"text": "That"}}],
}
DISCORD = {
    "t": "MESSAGE_CREATE",
    "op": 0,
    "d": {
        "id": "1",
        "content": "good morning",
        "author": {"id": "2", "username": "ann", "global_name": "Ann A"},
        "poll": POLL,
        "referenced_message": {"content": "quoted", "author": {"username": "bob"}},
        "embeds": [{"title": "a card", "description": "its text"}],
    },
}


def shipped(name: str) -> SiteProfile:
    return parse(f"{name}.yaml", (Path(__file__).parents[2] / "rules" / "sites" / f"{name}.yaml").read_bytes())


def texts_of(message: object, site: str) -> list[tuple[str, list[str]]]:
    units = read_message(json.dumps(message), shipped(site)).units
    return [(u.author, [s.text for s in u.segments]) for u in units]


def test_a_poll_in_json_in_json_is_one_unit() -> None:
    """As Twitch sends them: a poll in a string of a notification."""
    choices = [{"choice_id": "a", "title": "This"}, {"choice_id": "b", "title": "That"}]
    poll = {"type": "POLL_UPDATE", "data": {"poll": {"poll_id": "1-2", "title": "Which one?", "choices": choices}}}
    message = {"type": "notification", "notification": {"type": "pubsub", "pubsub": json.dumps(poll)}}
    assert texts_of(message, "twitch") == [("", ["Which one?", "This", "That"])]


def test_a_post_in_json_in_json_is_read_with_its_author_and_poll() -> None:
    """As Mastodon's streams send them."""
    status = {
        "content": "<p>a <b>bo</b>ld post</p>",
        "account": {"acct": "ann@x.test", "display_name": "Ann A"},
        "poll": {"options": [{"title": "this"}, {"title": "that"}]},
    }
    found = texts_of({"stream": ["user"], "event": "update", "payload": json.dumps(status)}, "mastodon")
    assert ("ann@x.test", ["a bold post", "this", "that"]) in found


def test_units_of_a_gateway_event() -> None:
    """The poll's question with its options in the message's unit, the quoted message in one of its own, each with its author."""
    units = {texts[0]: (author, texts) for author, texts in texts_of(DISCORD, "discord")}
    author, texts = units["good morning"]
    assert author == "ann"
    assert texts[:4] == ["good morning", "Which?", "This", "That"]
    assert units["quoted"] == ("bob", ["quoted"])


def test_a_text_in_runs_is_judged_joined_and_its_neighbours_stay() -> None:
    text = json.dumps(
        {"data": json.dumps({"message": {"fragments": [{"text": "verboten wo"}, {"text": "rds here"}]}, "next": "good morning"})}
    )
    outcome = PIPELINE.check_message(EXCHANGE, f'42[{text},{{"text":"fine"}}]')
    said = outcome.body.decode()
    assert outcome.hidden == 1
    assert said.endswith(r', \"next\": \"good morning\"}"},{"text":"fine"}]')
    inner = json.loads(json.loads(said[2:])[0]["data"])
    assert inner["message"]["fragments"][1]["text"] == ""


def test_a_batch_of_graphql_answers() -> None:
    exchange = Exchange("https://site.test/graphql", "site.test", "application/json")
    batch = [{"data": {"post": {"text": "fine"}}}, {"data": {"post": {"text": BAD}}}, {"errors": [{"message": "not found"}]}]
    body = json.dumps(batch)
    outcome = PIPELINE.check_body(exchange, body.encode())
    got = json.loads(outcome.body)
    assert outcome.hidden == 1
    assert (got[0], got[2]) == (batch[0], batch[2])


def test_binary_messages_pass_only_where_the_profile_says_so() -> None:
    assert PIPELINE.check_message(EXCHANGE, b"\x08\x01").result is Result.UNCHECKED
    knows = pipeline(SiteProfile("s", "S", ("site.test",), opaque=Opaque.DOM_GUARD, opaque_sockets=("/live",)))
    assert knows.check_message(EXCHANGE, b"\x08\x01").result is Result.PASS


@pytest.mark.parametrize("prefix", ["", "42", "42/chat,17", "431", "a", "for (;;);", "\ufeff"])
def test_a_quick_look_finds_what_reading_finds(prefix: str) -> None:
    body = json.dumps([{"content": "good morning", "author": {"username": "ann"}}, "words", {"options": ["this", "that"]}])
    assert without_prefix(prefix + body) == body
    looked = glance(body.encode(), "application/json")
    assert looked is not None
    read = read_message(prefix + body).units
    assert [(u.author, [(s.text, s.role) for s in u.segments]) for u in read] == [
        (u.author, [(s.text, s.role) for s in u.segments]) for u in looked
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1" * 300_000, id="digits"),
        pytest.param("4/" + "a" * 300_000, id="namespace"),
        pytest.param("@" + "a" * 300_000 + " :x!y@z PRIVMSG #r :hi", id="tags without a value"),
        pytest.param("@a=" + "\\" * 300_000 + ";b=c :x!y@z PRIVMSG #r :hi", id="escapes"),
        pytest.param(":x!y@z PRIVMSG #r :" + "\x03" * 300_000 + "a", id="colours"),
        pytest.param("0:" * 150_000, id="empty packets"),
        pytest.param("\x1e" * 300_000, id="separators"),
    ],
)
def test_long_frames_take_no_long_time(text: str) -> None:
    began = time.process_time()
    assert read_message(text) is not None
    assert time.process_time() - began < 3  # a tenth of a second, most of them


@given(st.text())
def test_any_text_without_harm_is_untouched(text: str) -> None:
    outcome = PIPELINE.check_message(EXCHANGE, text)
    assert outcome.result is Result.PASS
    assert outcome.body == text.encode("utf-8", "surrogatepass")

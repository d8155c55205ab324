"""Software that we did not write, as a family runs it: converse.js in Chromium talks to Prosody through the real proxy.

The friend writes straight to the server; what the child gets came through the filter. A harmless message follows every threat:
once that one is shown, the threat was there before it, and the connection lives on.
"""

from __future__ import annotations

import pytest

from tests.live.conftest import Chat, Visit
from tests.live.friend import Friend
from tests.live.kid import NOTICE, Kid
from tests.live.prosody import HOST, ROOMS
from tests.live.texts import THREATS

pytestmark = pytest.mark.e2e

THREAT, HARMLESS = THREATS["en"]


def hidden(seen: list[str], chat: Chat, threat: str) -> None:
    """The message before the last is a notice, and its code leads to this threat."""
    found = NOTICE.search(seen[-2])
    assert found, seen
    incidents = [i for i in chat.incidents if i.code == found[1]]
    assert incidents, (found[1], chat.incidents)
    assert threat in incidents[0].excerpt or incidents[0].excerpt in threat
    assert incidents[0].role == "message"
    assert incidents[0].author.startswith((f"friend@{HOST}/", f"class@{ROOMS}/Sevda"))


@pytest.mark.parametrize(("threat", "harmless"), THREATS.values(), ids=THREATS)
def test_a_threat_is_hidden_and_the_next_message_shown(chat: Chat, friend: Friend, kid: Kid, threat: str, harmless: str) -> None:
    friend.say(kid.jid, threat)
    friend.say(kid.jid, harmless)
    hidden(kid.sees(harmless), chat, threat)
    kid.keeps(harmless)
    assert kid.knows(threat) == []


def test_an_answer_reaches_the_friend(friend: Friend, kid: Kid) -> None:
    friend.say(kid.jid, "Wollen wir spielen?")
    kid.sees("Wollen wir spielen?")
    said = "Gerne! Вечером; akşam; երեկոյան 🙂 <b>&"
    kid.answer(said)
    sender, text = friend.hears("Gerne!")
    assert (sender.partition("/")[0], text) == (kid.jid, said)


def test_a_message_corrected_into_a_threat(chat: Chat, friend: Friend, kid: Kid) -> None:
    first = friend.say(kid.jid, "You look nice in the photo")
    kid.sees("You look nice in the photo")
    friend.say(kid.jid, THREAT, extra=f"<replace xmlns='urn:xmpp:message-correct:0' id='{first}'/>")
    friend.say(kid.jid, "That was a correction")
    hidden(kid.sees("That was a correction"), chat, THREAT)
    assert kid.knows(THREAT) == []


def test_a_text_that_stands_in_two_forms(chat: Chat, friend: Friend, kid: Kid) -> None:
    """XHTML-IM (XEP-0071) repeats the body as markup."""
    rich = f"<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'><p>{THREAT}</p></body></html>"
    friend.say(kid.jid, THREAT, extra=rich)
    friend.say(kid.jid, "That was in bold")
    hidden(kid.sees("That was in bold"), chat, THREAT)
    assert kid.knows(THREAT) == []


def test_what_was_written_while_the_child_was_away(chat: Chat, friend: Friend, visit: Visit) -> None:
    """It comes out of the server's archive: a message in <forwarded> in <result> in <message>, with <delay> (XEP-0313)."""
    for text in ("Hello, are you there?", THREAT, "See you at school"):
        friend.say(f"late@{HOST}", text)
    late = visit("late")
    late.open_chat(f"friend@{HOST}")
    hidden(late.sees("See you at school"), chat, THREAT)
    assert "Hello, are you there?" in late.texts()[0]
    archived = [f for f in late.frames() if "urn:xmpp:mam:2" in f and "<forwarded" in f and "urn:xmpp:delay" in f]
    assert any(NOTICE.search(f) for f in archived)
    assert late.knows(THREAT) == []


def test_a_room(chat: Chat, friend: Friend, visit: Visit) -> None:
    """What was said before the child came in, its subject, what others are up to, and what is said then."""
    room = f"class@{ROOMS}"
    friend.join(room, "Sevda")
    friend.say(room, THREAT, kind="groupchat")
    friend.say(room, "Homework is on page five", kind="groupchat")
    guest = visit("guest")
    guest.open_room(room)
    hidden(guest.sees("Homework is on page five"), chat, THREAT)
    friend.send(f"<message xmlns='jabber:client' to='{room}' type='groupchat'><subject>{THREATS['en hate'][0]}</subject></message>")
    friend.send(f"<presence xmlns='jabber:client' to='{room}/Sevda'><show>dnd</show><status>{THREATS['tr'][0]}</status></presence>")
    friend.say(room, THREATS["ru"][0], kind="groupchat")
    friend.say(room, THREATS["ru"][1], kind="groupchat")
    hidden(guest.sees(THREATS["ru"][1]), chat, THREATS["ru"][0])
    assert any("<subject>" in f and NOTICE.search(f) for f in guest.frames())
    assert any("<status>" in f and NOTICE.search(f) for f in guest.frames())
    for text in (THREAT, THREATS["en hate"][0], THREATS["tr"][0], THREATS["ru"][0]):
        assert guest.knows(text) == []
    guest.answer("Thank you!")
    assert friend.hears("Thank you!")[0] == f"{room}/guest"


def test_a_nickname(chat: Chat, friend: Friend, visit: Visit) -> None:
    """A name in a room may be any text, and stands before every message."""
    room = f"games@{ROOMS}"
    name, harmless = THREATS["hy"][0], THREATS["hy"][1]
    friend.join(room, name)
    friend.say(room, harmless, kind="groupchat")
    guest = visit("nicks")
    guest.open_room(room)
    guest.sees(harmless)
    friend.say(room, "Who plays?", kind="groupchat")
    guest.sees("Who plays?")
    assert guest.knows(name) == []
    assert any(NOTICE.search(f.partition("from=")[2].partition(">")[0]) for f in guest.frames() if "Who plays?" in f)


def test_the_page_is_whole_and_nothing_went_elsewhere(chat: Chat, kid: Kid) -> None:
    assert kid.strangers() == set()
    assert [i.excerpt for i in chat.incidents if i.kind == "unchecked"] == []

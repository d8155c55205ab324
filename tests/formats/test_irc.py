"""IRC as Twitch and IRCv3 write it: what is said and who says it is found in every place, and the line stays a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.formats.messages import read_message
from safeguard.pipeline import Exchange, Result
from safeguard.text.unit import Role
from tests.formats.fake import BAD, pipeline

PIPELINE = pipeline()
EXCHANGE = Exchange("wss://irc.site.test/", "irc.site.test")
TAGGED = BAD.replace(" ", "\\s")
CHAT = "@badges=mod/1;color=#FF0000;display-name=Ann;emotes=25:0-4;id=b3-4;tmi-sent-ts=1;user-type= :ann!ann@ann.irc.test PRIVMSG #room :%s"


@pytest.mark.parametrize(
    ("line", "bad"),
    [
        pytest.param(CHAT, BAD, id="message"),
        pytest.param(":ann!ann@irc PRIVMSG #room :\x01ACTION %s\x01", BAD, id="action"),
        pytest.param("@display-name=%s;id=1 :ann!ann@irc PRIVMSG #room :hello", TAGGED, id="shown name"),
        pytest.param("@id=1;reply-parent-msg-body=%s;reply-parent-user-id=5 :ann!ann@irc PRIVMSG #room :hello", TAGGED, id="quoted"),
        pytest.param("@msg-id=resub;system-msg=%s;user-id=1 :irc.test USERNOTICE #room", TAGGED, id="notice without text"),
        pytest.param("@msg-id=resub;system-msg=Ann\\ssubscribed :irc.test USERNOTICE #room :%s", BAD, id="notice with text"),
        pytest.param(":irc.test 332 me #room :%s", BAD, id="topic"),
        pytest.param(":ann!a@irc QUIT :%s", BAD, id="last words"),
        pytest.param(":op!o@irc KICK #room bob :%s", BAD, id="reason"),
        pytest.param(":irc.test NOTICE * :%s", BAD, id="server's notice"),
    ],
)
def test_the_text_goes_and_the_line_stays(line: str, bad: str) -> None:
    before, after = "PING :irc.test\r\n", "\r\n:bob!b@irc PRIVMSG #room :good morning\r\n"
    head, tail = line.split("%s")
    outcome = PIPELINE.check_message(EXCHANGE, before + head + bad + tail + after)
    said = outcome.body.decode()
    assert outcome.result is Result.EDIT
    assert outcome.hidden == 1
    assert bad not in said
    assert said.startswith(before + head)
    assert said.endswith(tail + after)
    notice = said[len(before + head) : -len(tail + after)]
    assert not tail or " " not in notice or "ACTION" in head  # the tags of a line end with the first blank
    clean = before + head + "fine" + tail + after
    assert PIPELINE.check_message(EXCHANGE, clean).body == clean.encode()


def test_who_said_what() -> None:
    units = read_message(CHAT.replace("%s", "ve\x02rb\x0304,05oten") + "\r\n:bob!b@irc PRIVMSG #room hello").units
    found = [(u.author, s.text, s.role) for u in units for s in u.segments]
    assert ("Ann", "verboten", Role.MESSAGE) in found
    assert ("", "Ann", Role.NAME) in found
    assert ("", "ann", Role.NAME) in found
    assert ("bob", "hello", Role.MESSAGE) in found
    assert len(found) == 5
    assert ("", "bob", Role.NAME) in found


def test_tags_are_unescaped() -> None:
    units = read_message("@system-msg=a\\sb\\:\\\\c\\nd :irc.test USERNOTICE #room :more").units
    assert [s.text for s in units[0].segments] == ["a b;\\c\nd", "more"]


def test_a_single_word_without_colon_gets_one() -> None:
    engine = pipeline()
    engine.engine.check_many = lambda units, one=engine.engine._one: [one(u) for u in units]  # type: ignore[attr-defined,method-assign]
    message = ":bob!b@irc PRIVMSG #room verboten\u00a0words\u00a0here"
    said = engine.check_message(EXCHANGE, message).body.decode()
    assert said.startswith(":bob!b@irc PRIVMSG #room :")
    assert "verboten" not in said


def test_names_in_a_list_are_names_of_their_own() -> None:
    bad = BAD.replace(" ", "\u00a0")
    said = PIPELINE.check_message(EXCHANGE, f":irc.test 353 me = #room :@ann {bad} +bob").body.decode()
    assert said.startswith(":irc.test 353 me = #room :@ann ")
    assert said.endswith(" +bob")
    assert len(said.split(" ")) == 8
    assert bad not in said


@pytest.mark.parametrize("text", [f":D LOL {BAD}", f"PING me {BAD}", f"@ann PRIVMSG {BAD}", f"{BAD}\nPRIVMSG", f":D 500 you {BAD} :)"])
def test_a_line_of_talk_that_looks_like_irc_is_read_whole(text: str) -> None:
    said = PIPELINE.check_message(EXCHANGE, text).body.decode()
    assert BAD not in said


PIECES = ["@", "a=b;", "display-name=\\s", " ", ":", "PRIVMSG", "NICK", "353", "#r", "\r\n", "\x01ACTION ", "ä", "\\", "\x03"]


@given(st.lists(st.sampled_from(PIECES)))
def test_any_line_is_untouched(parts: list[str]) -> None:
    text = "".join(parts)
    assert PIPELINE.check_message(EXCHANGE, text).body == text.encode()

"""Software that we did not write: NodeBB in Chromium, through the real proxy, and Redis behind it.

The friend writes straight to the forum; what the child gets came through the filter, as pages, as JSON and as socket.io events. A harmless
text follows every threat: once that one is shown, the threat was there before it, and the page lives on. (This forum has no polls.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from safeguard.system.chromium_pipe import Chromium
from tests.live import nodebb, redis
from tests.live.filtering import Filter, filtering, no_browser
from tests.live.kid import NOTICE
from tests.live.member import Member
from tests.live.nodebb import HOST, NodeBB
from tests.live.redis import Redis
from tests.live.texts import THREATS
from tests.live.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow_live, pytest.mark.timeout(300)]

THREAT, HARMLESS = THREATS["en"]


@dataclass
class Forum:
    """The server, the filter in front of it, and its two users."""

    server: NodeBB
    filter: Filter
    friend: Member
    child: Member

    def log_in(self) -> Visitor:
        browser = Chromium(proxy=self.filter.proxy, home=self.filter.home)
        try:
            return Visitor(browser, self.server.url, self.child.name, self.child.password)
        except BaseException:
            browser.close()
            raise

    def hidden(self, seen: str, threat: str) -> None:
        """This text is a notice, and its code leads to this threat."""
        found = NOTICE.search(seen)
        assert found, seen
        incidents = [i for i in self.filter.incidents if i.code == found[1]]
        assert incidents, (found[1], self.filter.incidents)
        assert threat in incidents[0].excerpt or incidents[0].excerpt in threat


@pytest.fixture(scope="module")
def forum(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> Iterator[Forum]:
    if why := no_browser() or redis.missing() or nodebb.missing():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("forum")
    with (
        Redis(folder / "redis") as database,
        NodeBB(folder / "nodebb", database) as server,
        filtering(folder, shared_cache, HOST, server.port) as between,
    ):
        friend, child = (Member(server.port, HOST, name, f"{name}-password") for name in ("Sevda", "Aram"))
        yield Forum(server, between, friend, child)


@pytest.fixture(scope="module")
def kid(forum: Forum) -> Iterator[Visitor]:
    """Logged in once for all tests."""
    with forum.log_in() as k:
        yield k


@pytest.fixture(scope="module")
def homework(forum: Forum) -> int:
    """A topic that the child began and so is told of every answer to."""
    return forum.child.topic("Homework for Monday", "Who has done the sums on page five?")


@pytest.mark.parametrize(("threat", "harmless"), THREATS.values(), ids=THREATS)
def test_an_answer_that_arrives_in_the_open_topic(forum: Forum, kid: Visitor, homework: int, threat: str, harmless: str) -> None:
    kid.open(f"/topic/{homework}")
    before = kid.texts()
    forum.friend.reply(homework, threat)
    forum.friend.reply(homework, harmless)
    seen = kid.grows(before, 2)
    assert harmless in seen
    seen.remove(harmless)
    forum.hidden(seen[0], threat)
    assert kid.knows(threat) == []
    assert {"frames", "document"} <= set(kid.knows(harmless))


@pytest.mark.parametrize("way", ["open", "walk"])
def test_a_topic_with_all_of_them(forum: Forum, kid: Visitor, way: str) -> None:
    """As a page with `meta` about itself, or as JSON for the page that is open already."""
    number = forum.friend.topic("Everything at once", THREATS["tr"][0])
    for threat, harmless in THREATS.values():
        forum.friend.reply(number, threat)
        forum.friend.reply(number, harmless)
    kid.open("/")
    getattr(kid, way)(f"/topic/{number}/everything-at-once")
    seen = kid.sees(THREATS["hy"][1])
    forum.hidden(seen[0], THREATS["tr"][0])
    for place, (threat, harmless) in enumerate(THREATS.values()):
        forum.hidden(seen[1 + 2 * place], threat)
        assert seen[2 + 2 * place] == harmless
        assert kid.knows(threat) == []


def test_an_answer_of_the_child(forum: Forum, kid: Visitor, homework: int) -> None:
    kid.open(f"/topic/{homework}")
    said = "Gerne! Вечером; akşam; երեկոյան 🙂 <b>&"
    kid.reply(said)
    kid.sees("Gerne!")
    raw = forum.friend.get(f"/api/topic/{homework}?sort=newest_to_oldest")["posts"]
    assert [p["content"] for p in raw if "Gerne!" in p["content"]] == [f"<p>{said.replace('&', '&amp;').replace('<b>', '&lt;b&gt;')}</p>\n"]


def test_a_title_and_what_lists_tell_of_a_topic(forum: Forum, kid: Visitor) -> None:
    """Lists tell the title and the newest answer. What the address was made of from the title stays, or the link would lead nowhere."""
    threat, harmless = THREATS["ru"]
    worse, better = THREATS["az"]
    forum.friend.reply(forum.friend.topic(threat, "Only the title of this is bad"), better)
    forum.friend.reply(forum.friend.topic(harmless, "Only the answer to this is bad"), worse)
    for way, pages in (
        (kid.open, ("/", "/recent", "/category/2", "/user/sevda")),
        (kid.walk, ("/", "/unread", "/category/2", "/user/sevda/posts")),
    ):
        for page in pages:
            way(page)
            assert kid.knows(threat) == [], page
            assert kid.knows(worse) == [], page
    kid.walk("/recent")
    kid.shows(harmless)
    assert {"document", "bodies"} <= set(kid.knows(harmless))


def test_a_post_edited_into_a_threat(forum: Forum, kid: Visitor) -> None:
    number = forum.friend.topic("Photos of the trip", "Here they are at last")
    post = forum.friend.reply(number, "You look nice in the photo")
    kid.open(f"/topic/{number}")
    assert kid.texts()[-1] == "You look nice in the photo"
    forum.friend.edit(post, THREAT)
    forum.hidden(kid.sees("SafeGuard")[-1], THREAT)
    forum.friend.edit(post, HARMLESS)
    assert kid.sees(HARMLESS)[-1] == HARMLESS
    assert kid.knows(THREAT) == []


def test_a_quoted_post_comes_as_it_was_written(forum: Forum, kid: Visitor) -> None:
    """The text as typed is asked for by an event, and comes as its acknowledgement."""
    number = forum.friend.topic("Who brings what?", "I bring the bread and the cheese")
    forum.friend.reply(number, THREAT)
    kid.open(f"/topic/{number}")
    assert "the bread and the cheese" in kid.quote("the bread and the cheese")
    forum.hidden(kid.quote("SafeGuard"), THREAT)
    assert kid.knows(THREAT) == []


def test_the_bell(forum: Forum, kid: Visitor, homework: int) -> None:
    """A notification repeats the answer."""
    kid.open("/")
    forum.friend.reply(homework, THREATS["hy"][0])
    kid.hears("event:new_notification")
    assert any("Sevda" in n for n in kid.notices())
    kid.walk("/notifications")
    kid.shows("Homework for Monday")
    assert kid.knows(THREATS["hy"][0]) == []


@pytest.mark.parametrize(("threat", "harmless"), THREATS.values(), ids=THREATS)
def test_a_chat_that_pops_up(forum: Forum, kid: Visitor, threat: str, harmless: str) -> None:
    """The first message opens a window on whatever page the child is on, with the history; those after it are added there."""
    kid.open("/")
    room = forum.friend.room(forum.child)
    forum.friend.say(room, threat)
    forum.hidden(kid.sees("SafeGuard")[0], threat)
    before = kid.texts()
    for text in (harmless, threat, "See you at school"):
        forum.friend.say(room, text)
    seen = kid.grows(before, 3)
    for text in (harmless, "See you at school"):
        seen.remove(text)
    forum.hidden(seen[0], threat)
    assert kid.knows(threat) == []


def test_what_was_written_in_a_chat_while_the_child_was_away(forum: Forum) -> None:
    room = forum.friend.room(forum.child)
    for text in ("Hello, are you there?", THREAT, "See you on Sunday", THREATS["tr"][0]):
        forum.friend.say(room, text)
    with forum.log_in() as late:
        late.open(f"/user/aram/chats/{room}")
        seen = late.texts()
        assert [seen[0], seen[2]] == ["Hello, are you there?", "See you on Sunday"]
        forum.hidden(seen[1], THREAT)
        forum.hidden(seen[3], THREATS["tr"][0])
        forum.friend.say(room, THREATS["ru"][0])
        forum.friend.say(room, THREATS["ru"][1])
        forum.hidden(late.sees(THREATS["ru"][1])[-2], THREATS["ru"][0])
        late.answer("Yes, I am here; да")
        late.sees("Yes, I am here; да")
        assert "Yes, I am here; да" in str(forum.friend.get(f"/api/user/sevda/chats/{room}")["messages"][-1]["content"])
        late.open("/chats")
        for text in (THREAT, THREATS["tr"][0], THREATS["ru"][0]):
            assert late.knows(text) == []
        assert late.errors() == []


def test_a_profile_and_a_signature(forum: Forum, kid: Visitor) -> None:
    profile = {"uid": forum.friend.number, "username": "Sevda", "email": f"Sevda@{HOST}"}
    forum.friend.emit("user.updateProfile", {**profile, "aboutme": THREATS["az"][0], "signature": THREATS["en hate"][0]})
    number = forum.friend.topic("Look under this", "A harmless post with a signature")
    for page in ("/user/sevda", f"/topic/{number}"):
        kid.open(page)
        kid.shows("SafeGuard")
        for text in (THREATS["az"][0], THREATS["en hate"][0]):
            assert kid.knows(text) == [], page
    forum.friend.emit("user.updateProfile", {**profile, "aboutme": "I like swimming", "signature": "Nice to meet you"})
    kid.open("/user/sevda")
    kid.shows("I like swimming")


def test_the_page_is_whole_and_nothing_went_elsewhere(forum: Forum, kid: Visitor) -> None:
    kid.open("/")
    assert kid.strangers() == set()
    assert kid.errors() == []
    assert [(i.url, i.excerpt) for i in forum.filter.incidents if i.kind == "unchecked"] == []

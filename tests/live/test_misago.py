"""Software that we did not write, as a forum runs it: Misago on PostgreSQL, in Chromium, through the real proxy.

The others write straight to its JSON API; what the child gets came through the filter: as HTML and as state in `misago.init({…})` when a
page is opened, as JSON when it is turned, asks for news or is answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from safeguard.system.chromium_pipe import Chromium
from tests import postgres
from tests.live import misago
from tests.live.filtering import Filter, filtering, no_browser
from tests.live.kid import NOTICE
from tests.live.misago import HOST, PEOPLE, Misago
from tests.live.misago_member import Member
from tests.live.misago_visitor import Visitor
from tests.live.texts import THREATS
from tests.postgres import Postgres

pytestmark = [pytest.mark.e2e, pytest.mark.slow_live, pytest.mark.timeout(600)]

THREAT, HARMLESS = THREATS["en"]
POLLS = {
    "en": ("What should we do with the Kurds?", ("Hang", "Burn")),
    "ru": ("Что нам делать с армянами?", ("Убить", "Повесить")),
    "tr": ("Ermenilere ne yapalım?", ("Öldürelim", "Asalım")),
    "az": ("Erməniləri nə edək?", ("Öldürək", "Yandıraq")),
    "hy": ("Ի՞նչ անենք թուրքերի հետ", ("Սպանել", "Այրել")),
}
"""No option is hidden for itself, only as an answer to this question."""
ALL_PLACES = ["received", "document"]


@dataclass
class Forum:
    """The forum, the filter in front of it, and those who write in it past the filter."""

    server: Misago
    filter: Filter
    friend: Member
    stranger: Member

    def hidden(self, shown: str, threat: str) -> None:
        """What is shown is a notice, and its code leads to the unit with this text."""
        found = NOTICE.search(shown)
        assert found, shown
        incidents = [i for i in self.filter.incidents if i.code == found[1]]
        assert incidents, (found[1], self.filter.incidents)
        assert threat in incidents[0].whole


@pytest.fixture(scope="module")
def forum(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> Iterator[Forum]:
    if why := no_browser() or postgres.missing() or misago.missing():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("forum")
    with (
        Postgres() as database,
        Misago(folder / "misago", database.folder) as server,
        filtering(folder, shared_cache, HOST, server.port, server.ca) as between,
    ):
        friend, stranger = (Member(server.port, server.ca, name, PEOPLE[name]) for name in ("Sevda", "Stranger"))
        yield Forum(server, between, friend, stranger)


@pytest.fixture(scope="module")
def kid(forum: Forum) -> Iterator[Visitor]:
    """Signed in once for all tests."""
    browser = Chromium(proxy=forum.filter.proxy, home=forum.filter.home)
    try:
        visitor = Visitor(browser, forum.server.url, "Kid", PEOPLE["Kid"])
    except BaseException:
        browser.close()
        raise
    with visitor:
        yield visitor


@pytest.mark.parametrize(("language", "threat", "harmless"), [(k, *v) for k, v in THREATS.items()], ids=THREATS)
def test_a_post_of_a_page_and_of_the_next_one(forum: Forum, kid: Visitor, language: str, threat: str, harmless: str) -> None:
    """The first page is HTML with its state, the next one is fetched as JSON."""
    fill = [f"Page {n} of the book" for n in range(misago.PER_PAGE)]
    kid.open(forum.friend.thread(f"A talk ({language})", threat, harmless, *fill, f"{threat} (2)", f"{harmless} (2)", *fill))
    forum.hidden(kid.sees(harmless)[0], threat)
    assert harmless in kid.state()
    assert NOTICE.search(kid.state())
    assert kid.knows(threat) == []
    assert kid.knows(harmless) == ALL_PLACES
    kid.next_page()
    seen = kid.sees(f"{harmless} (2)")
    forum.hidden(seen[seen.index(f"{harmless} (2)") - 1], threat)
    assert kid.knows(threat) == []


def test_a_post_that_comes_while_the_page_is_open(forum: Forum, kid: Visitor) -> None:
    thread = forum.friend.thread("Who is here?", "I am, and you?")
    kid.open(thread)
    kid.sees("I am, and you?")
    for threat, harmless in (THREATS["tr"], THREATS["hy"]):
        forum.friend.reply(thread, threat)
        forum.friend.reply(thread, harmless)
        seen = kid.sees(harmless)
        forum.hidden(seen[seen.index(harmless) - 1], threat)
        assert kid.knows(threat) == []


def test_a_title_that_comes_while_the_list_is_open(forum: Forum, kid: Visitor) -> None:
    """And stands in it after a reload, as state of the page."""
    kid.open("/")
    threat, harmless = THREATS["ru"]
    forum.stranger.thread(threat, "Read this")
    forum.stranger.thread(harmless, "Read that")
    kid.press(".threads-list-update-prompt-btn")
    for _ in range(2):
        titles = kid.lists(harmless)
        forum.hidden(titles[titles.index(harmless) + 1], threat)
        assert kid.knows(threat) == []
        kid.open("/")


def test_a_reply_through_the_filter(forum: Forum, kid: Visitor) -> None:
    thread = forum.friend.thread("Wollen wir spielen?", "Heute Abend?", THREAT)
    kid.open(thread)
    kid.sees("Heute Abend?")
    said = "Gerne! Вечером; akşam; երեկոյան 🙂 <b>&"
    kid.reply(said)
    assert said in forum.friend.texts(thread)[-1]
    forum.hidden(kid.texts()[1], THREAT)
    assert kid.knows(THREAT) == []


@pytest.mark.parametrize(("question", "options"), POLLS.values(), ids=POLLS)
def test_a_poll_is_judged_with_its_question(forum: Forum, kid: Visitor, question: str, options: tuple[str, ...]) -> None:
    thread = forum.friend.thread("A poll for you", "What do you think?")
    forum.friend.poll(thread, question, *options)
    kid.open(thread)
    kid.sees("What do you think?")
    shown = kid.options()
    assert len(shown) == len(options)
    for option, label in zip(options, shown, strict=True):
        forum.hidden(label, option)
    assert [p for o in options for p in kid.knows(f">{o}<") + kid.knows(f'"{o}"')] == []


def test_a_vote(forum: Forum, kid: Visitor) -> None:
    """In the poll of a thread in which a post is hidden."""
    thread = forum.friend.thread("Where to go?", "Please vote", THREAT)
    forum.friend.poll(thread, "Where do we go on Saturday?", "To the lake", "To the cinema")
    kid.open(thread)
    kid.sees("Please vote")
    assert kid.text_of(".panel-poll h2") == "Where do we go on Saturday?"
    assert kid.options() == ["To the lake", "To the cinema"]
    kid.vote("To the cinema")
    assert forum.friend.votes(thread) == {"To the lake": 0, "To the cinema": 1}
    assert kid.knows(THREAT) == []


def test_a_private_thread_of_a_stranger(forum: Forum, kid: Visitor) -> None:
    """Its title in the list and in the notices of the forum, its posts, and an answer to it."""
    title, post = THREATS["az"][0], THREATS["tr"][0]
    thread = forum.stranger.thread(title, post, "Are you there?", to="Kid")
    kid.open("/private-threads/")
    forum.hidden(kid.titles()[0], title)
    assert kid.knows(title) == []
    kid.open("/notifications/")
    kid.text_of(".notification-message")
    assert kid.knows(title) == []
    kid.open(thread)
    forum.hidden(kid.sees("Are you there?")[0], post)
    assert kid.knows(title) == kid.knows(post) == []
    kid.reply("Leave me alone, please.")
    assert "Leave me alone, please." in forum.stranger.texts(thread)[-1]
    assert kid.knows(title) == kid.knows(post) == []


def test_the_page_is_whole_and_nothing_went_elsewhere(forum: Forum, kid: Visitor) -> None:
    assert kid.strangers() == set()
    assert kid.errors() == []
    assert [i.excerpt for i in forum.filter.incidents if i.kind == "unchecked"] == []

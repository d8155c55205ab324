"""From a find to the parent's addresses: each gets every alert once, one that is down holds nothing up, nothing is lost meanwhile."""

from __future__ import annotations

import json
import threading
import time

from safeguard.alerts import deliver, remote
from safeguard.alerts.plan import Pace
from safeguard.alerts.sender import Sender
from safeguard.alerts.teller import Teller
from safeguard.errors import AlertError, InputError
from safeguard.store import Store
from safeguard.system.channels import Channel
from tests.alerts import sinks
from tests.alerts.conftest import meet
from tests.store.conftest import Clock

PACE = Pace(4, digest=3_600_000)


def to(sink: sinks.Sink, number: str) -> Channel:
    return Channel(number, "json", 0, f"json://127.0.0.1:{sink.port}/secret-{number}")


def sender(store: Store, clock: Clock, *channels: Channel, accounts: bool = False) -> Sender[Channel]:
    def teller(c: Channel) -> Teller:
        return Teller(
            store.alerts_for(c.id, c.since),
            lambda title, text: remote.send(c.url, title, text, patience=10),
            pace=PACE,
            lang="en",
            clock=clock,
            accounts=accounts,
        )

    return Sender(lambda: channels, teller, store.troubles)


def text(came: str) -> str:
    return str(json.loads("{" + came.partition("{")[2])["message"])


def test_threats_at_once_the_rest_as_a_digest_each_once_on_every_way(store: Store, clock: Clock) -> None:
    with sinks.http() as one, sinks.http() as two:
        own = sender(store, clock, to(one, "1"), to(two, "2"))
        meet(store, "A1", "A2", author="@needle", excerpt="needle", account="anna")
        meet(store, "T1", category="personal_threat", account="anna")
        for _ in range(2):
            own.poll(print)
            own.settle(20)
        assert [text(m) for m in one.got] == [text(m) for m in two.got] == ["x: a threat. Code T1"]
        clock.now += 3601
        own.poll(print)
        own.settle(20)
        own.poll(print)
        own.settle(20)
    assert text(one.got[1]) == text(two.got[1]) == "2 texts on x: hate. See: safeguard log list"
    assert len(one.got) == len(two.got) == 2
    assert not any(word in repr(one.got) for word in ("needle", "anna"))
    assert len(store.alerts.pending()) == 3  # the desktop has its own


def test_the_account_only_where_it_is_wanted(store: Store, clock: Clock) -> None:
    with sinks.http() as sink:
        meet(store, "T1", category="personal_threat", account="an<b>na")
        own = sender(store, clock, to(sink, "1"), accounts=True)
        own.poll(print)
        own.settle(20)
    assert [text(m) for m in sink.got] == ["x: a threat. Code T1\nAccount: anbna"]


def test_one_that_is_down_is_tried_less_and_less_often_and_loses_nothing(store: Store, clock: Clock) -> None:
    with sinks.http() as sink:
        sink.status = 503
        channel = to(sink, "1")
        own = sender(store, clock, channel)
        said: list[str] = []
        meet(store, "T1", category="personal_threat")
        waits = []
        for _ in range(9):
            own.poll(said.append)
            own.settle(20)
            [trouble] = store.troubles.list()
            waits.append((trouble.again - int(clock.now * 1000)) // 1000)
            own.poll(said.append)  # too early: not tried
            own.settle(20)
            assert store.troubles.list() == [trouble]
            clock.now += waits[-1] + 1
        assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
        assert said == ["alerts to json (1): the service could not be reached, or refused the message; tried again, less and less often"]
        assert trouble.since == 1_700_000_000_000
        sink.status = 200
        own.poll(said.append)
        own.settle(20)
        assert [text(m) for m in sink.got] == ["x: a threat. Code T1"]
        assert store.troubles.list() == []
        assert said[1:] == ["alerts to json (1): sent again"]


def test_one_that_hangs_holds_up_neither_another_nor_who_asks(store: Store, clock: Clock) -> None:
    with sinks.http() as slow, sinks.http() as quick:
        slow.hang = 30
        own = sender(store, clock, to(slow, "1"), to(quick, "2"))
        meet(store, "T1", category="personal_threat")
        began = time.monotonic()
        own.poll(print)
        assert time.monotonic() - began < 1
        assert [text(m) for m in quick.wait(1)] == ["x: a threat. Code T1"]
        clock.now += 61
        meet(store, "T2", category="personal_threat")
        end = time.monotonic() + 30
        while len(quick.got) < 2 and time.monotonic() < end:
            own.poll(print)
            time.sleep(0.1)
        assert len(quick.got) == 2
        own.settle(20)
    assert slow.got == []
    [trouble] = store.troubles.list()
    assert trouble.why in (remote.SLOW, remote.WHY[deliver.REFUSED])  # the service's own patience may end before ours
    assert len(store.alerts_for("1", 0).pending()) == 2


def test_what_was_met_before_an_address_was_added_is_not_sent(store: Store, clock: Clock) -> None:
    meet(store, "T1", category="personal_threat")
    clock.now += 60
    assert store.alerts_for("1", int(clock.now * 1000)).pending() == []


def test_a_broken_file_of_addresses_is_said_once(store: Store) -> None:
    stop, said, tries = threading.Event(), [], 0

    def broken() -> list[Channel]:
        nonlocal tries
        tries += 1
        if tries == 3:
            stop.set()
        raise InputError("damaged")

    def nobody(channel: Channel) -> Teller:
        raise AlertError("never asked")

    Sender(broken, nobody, store.troubles).run(stop, said.append, every=0)
    assert said == ["alerts: damaged"]

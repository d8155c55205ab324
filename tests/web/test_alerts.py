"""Alerts on the page: addresses added, tried and removed, their state, quiet hours; no secret is ever shown again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from safeguard import wiring
from safeguard.alerts import remote
from safeguard.system import quiet_hours
from safeguard.system.quiet_hours import Quiet
from safeguard.web import addresses
from safeguard.web.alerts import WHY
from tests.alerts import sinks
from tests.alerts.sinks import Sink
from tests.store.conftest import incident
from tests.web.conftest import Site

SECRET = "pa55word-of-mine"


@pytest.fixture
def page(site: Site) -> Site:
    site.sign_in()
    return site


@pytest.fixture
def sink() -> Iterator[Sink]:
    with sinks.http() as made:
        yield made


def add(page: Site, sink: Sink) -> str:
    page.press("/alerts/add", kind="address", address=f"json://127.0.0.1:{sink.port}/{SECRET}")
    [channel] = wiring.channels(page.deps.paths).list()
    return channel.id


def test_added_tried_and_removed_and_its_secret_never_shown(page: Site, sink: Sink) -> None:
    number = add(page, sink)
    shown = page.get("/alerts/").text
    assert f"json ({number})" in shown
    assert "In order." in shown
    tried = page.press(f"/alerts/{number}/test")
    assert tried.status_code == 303
    assert "This is a test." in sink.got[0]
    after = page.get("/alerts/").text
    assert "was sent to json" in after
    again = page.press("/alerts/add", kind="address", address=f"json://127.0.0.1:{sink.port}/{SECRET}")
    assert "already" in again.text
    sink.status = 500
    failed = page.press(f"/alerts/{number}/test")
    assert (failed.status_code, "could not be reached, or refused" in failed.text) == (502, True)
    page.press(f"/alerts/{number}/remove")
    gone = page.get("/alerts/").text
    assert wiring.channels(page.deps.paths).list() == []
    assert page.press(f"/alerts/{number}/test").status_code == 404
    assert SECRET not in shown + after + again.text + failed.text + gone


def test_what_is_unsent_since_when_and_why(page: Site, sink: Sink) -> None:
    number = add(page, sink)
    page.deps.store.add(incident("T1", category="personal_threat"))
    page.deps.store.flush()
    page.deps.store.troubles.failed(number, remote.SLOW)
    shown = page.get("/alerts/").text
    assert len(re.findall(r"Not sent yet: 1, the oldest since ", shown)) == 2  # the desktop's too
    assert re.search(r"Does not work since [^<]*</strong> The service did not answer in time\.", shown)
    page.press(f"/alerts/{number}/test")  # it works again: what waits need not wait longer
    assert page.deps.store.troubles.list() == []


@pytest.mark.parametrize("lang", ["hy", "ru"])
def test_why_in_every_language(page: Site, sink: Sink, lang: str) -> None:
    assert set(WHY) == {*remote.WHY.values(), remote.SLOW, remote.BROKEN}
    page.deps.store.troubles.failed(add(page, sink), remote.SLOW)
    assert "did not answer" not in page.get("/alerts/", Accept_Language=lang).text


@pytest.mark.parametrize(
    "address", ["", "pa55word-of-mine", "nosuch://pa55word-of-mine", "dbus://pa55word-of-mine", "jsons://x/?verify=no"]
)
def test_what_is_no_address_is_refused_and_not_repeated(page: Site, address: str) -> None:
    refused = page.press("/alerts/add", kind="address", address=address)
    assert refused.status_code == 400
    assert 'role="alert"' in refused.text
    assert SECRET not in refused.text
    assert wiring.channels(page.deps.paths).list() == []


def test_quiet_hours(page: Site) -> None:
    assert "There are no quiet hours." in page.get("/alerts/").text
    page.press("/alerts/quiet", **{"from": "21:30", "until": "06:45"})
    assert wiring.pace(page.deps.settings, page.deps.paths).quiet == (21 * 60 + 30, 6 * 60 + 45)
    assert not wiring.pace(page.deps.settings, page.deps.paths).quiet_threats
    shown = page.get("/alerts/").text
    assert "No alerts from 21:30 to 06:45" in shown
    assert "Personal threats wait, too." in shown
    for wrong in (("21:30", "21:30"), ("", "06:00"), ("25:00", "06:00"), ("<b>", "x")):
        assert page.press("/alerts/quiet", **{"from": wrong[0], "until": wrong[1], "threats": "1"}).status_code == 400
    assert quiet_hours.read(page.deps.paths.quiet) == Quiet((21 * 60 + 30, 6 * 60 + 45), threats=False)
    page.press("/alerts/quiet", none="1")
    assert wiring.quiet(page.deps.settings, page.deps.paths) == Quiet(None, threats=True)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"hours": "x", "threats": true}', b'{"hours": "", "threats": 1}', b"[" * 5000])
def test_a_damaged_file_is_said_and_the_settings_hold(page: Site, data: bytes) -> None:
    page.deps.paths.quiet.write_bytes(data)
    assert "damaged" in page.get("/alerts/").text
    assert wiring.quiet(page.deps.settings, page.deps.paths) == Quiet(None, threats=True)
    page.press("/alerts/quiet", **{"from": "21:30", "until": "06:45"})
    assert "damaged" not in page.get("/alerts/").text


BOT = "123456789:AAE-x_yzabcdefghijklmnopqrstuvwx"


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({"kind": "ntfy", "topic": "safeguard-0a1b"}, "ntfys://ntfy.sh/safeguard-0a1b"),
        ({"kind": "ntfy", "topic": "a/../b?x=y"}, None),
        ({"kind": "telegram", "bot": BOT, "chat": " -100123 "}, f"tgram://{BOT}/-100123"),
        ({"kind": "telegram", "bot": "x/y", "chat": "1"}, None),
        (
            {"kind": "mail", "from": "me@example.org", "password": "p@ss/ w?&"},
            "mailtos://example.org?user=me%40example.org&pass=p%40ss%2F%20w%3F%26&from=me%40example.org&to=me%40example.org",
        ),
        (
            {"kind": "mail", "from": "me@example.org", "password": "x", "to": "you@example.net", "server": "smtp.example.org"},
            "mailtos://example.org?user=me%40example.org&pass=x&from=me%40example.org&to=you%40example.net&smtp=smtp.example.org",
        ),
        ({"kind": "mail", "from": "me@example.org", "password": ""}, None),
        ({"kind": "mail", "from": "me@example.org?verify=no", "password": "x"}, None),
        ({"kind": "mail", "from": "me@example.org", "password": "x", "server": "smtp.example.org&verify=no"}, None),
        ({"kind": "address", "address": ""}, None),
        ({"kind": "other"}, None),
        ({}, None),
    ],
)
def test_addresses_from_what_a_parent_knows(fields: dict[str, str], address: str | None) -> None:
    assert addresses.made(fields) == address
    if address is not None:
        remote.check(address)

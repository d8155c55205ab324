"""Real messages through apprise to services on loopback; the address, which is a secret, is in no error and no process's arguments."""

from __future__ import annotations

import email
import json
import sys
import threading
import time
from email.policy import default
from pathlib import Path

import pytest

from safeguard.alerts import remote
from safeguard.errors import AlertError
from tests.alerts import sinks

TOKEN = "t0ken-of-mine"


def test_over_http() -> None:
    with sinks.http() as sink:
        remote.send(f"json://127.0.0.1:{sink.port}/{TOKEN}", "SafeGuard", "x <b>: наезд. Code AB12")
    [came] = sink.got
    head, _, body = came.partition("{")
    assert head.startswith(f"POST /{TOKEN}")
    said = json.loads("{" + body)
    assert (said["title"], said["message"]) == ("SafeGuard", "x <b>: наезд. Code AB12")


def test_by_mail() -> None:
    with sinks.mail() as sink:
        url = f"mailto://127.0.0.1:{sink.port}?from=filter@example.org&to=parent@example.org&format=text&smtp=127.0.0.1"
        remote.send(url, "SafeGuard", "reddit: спор. Code AB12")
    [came] = sink.got
    letter = email.message_from_string(came, policy=default)
    assert letter["Subject"] == "SafeGuard"
    assert "parent@example.org" in letter["To"]
    assert "reddit: спор. Code AB12" in letter.as_string() or "reddit: спор. Code AB12" in str(letter.get_payload(decode=True), "utf-8")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"nosuch://{TOKEN}", "not an address"),
        (f"json://{TOKEN}, json://b", "not an address"),
        (f"dbus://{TOKEN}", "not a service for a phone"),
        (f"jsons://127.0.0.1/{TOKEN}?verify=no", "check of certificates off"),
    ],
)
def test_what_is_no_address_to_send_to(url: str, why: str) -> None:
    with pytest.raises(AlertError, match=why) as e:
        remote.check(url)
    assert TOKEN not in str(e.value)


def test_looking_at_an_address_asks_nobody() -> None:
    with sinks.http() as sink:
        remote.check(f"json://127.0.0.1:{sink.port}/{TOKEN}")
    assert sink.got == []


@pytest.mark.parametrize("status", [0, 401, 500])
def test_a_service_that_is_not_there_or_refuses(status: int, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with sinks.http() as sink:
        sink.status = status
        port = sink.port
        if status:
            with pytest.raises(AlertError, match="could not be reached, or refused") as e:
                remote.send(f"json://127.0.0.1:{port}/{TOKEN}", "t", "x")
    if not status:
        with pytest.raises(AlertError, match="could not be reached, or refused") as e:
            remote.send(f"json://127.0.0.1:{port}/{TOKEN}", "t", "x")
    assert TOKEN not in f"{e.value!r}{e.value.__cause__!r}{caplog.text}{capfd.readouterr()}"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_one_that_says_nothing_is_given_up_and_its_address_is_in_no_arguments() -> None:
    seen: list[bytes] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            for p in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = p.read_bytes()
                except OSError:
                    continue
                if b"alerts.deliver" in line:
                    seen.append(line)
            time.sleep(0.1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with sinks.http() as sink:
            sink.hang = 30
            began = time.monotonic()
            with pytest.raises(AlertError, match="did not answer in time") as e:
                remote.send(f"json://127.0.0.1:{sink.port}/{TOKEN}", "t", "x", patience=4)
            assert time.monotonic() - began < 8
    finally:
        stop.set()
        watcher.join()
    assert seen
    assert not any(TOKEN.encode() in line for line in seen)
    assert TOKEN not in f"{e.value!r}{e.value.__context__!r}"

"""Settings: what is not named keeps its default, and every wrong line is refused at once with its place."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard import config
from safeguard.config import SETTINGS, Settings, parse
from safeguard.errors import ConfigError
from safeguard.wiring import choices


def test_all_settings() -> None:
    text = b"""
listen: {port: 9000}
profile: teen
notice: {lang: hy}
rules: {folder: /home/us/rules}
limits: {body_bytes: 1000000}
upstream:
  private_hosts: ["family.example:8443", "192.168.1.2:443", "[fd00::1]:8080"]
store:
  url: postgresql+psycopg://host/db
  keep_days: 7
  evidence: false
"""
    hosts = (("family.example", 8443), ("192.168.1.2", 443), ("fd00::1", 8080))
    assert parse("s.yaml", text, choices()) == Settings(
        9000, "teen", "hy", "/home/us/rules", 1_000_000, hosts, "postgresql+psycopg://host/db", 7, False
    )


@pytest.mark.parametrize(("text", "hours"), [("22:00-07:00", (1320, 420)), ("'13:05 - 14:30'", (785, 870)), ('""', None)])
def test_quiet_hours(text: str, hours: tuple[int, int] | None) -> None:
    assert parse("s.yaml", f"alerts: {{quiet: {text}}}".encode(), choices()).quiet == hours


def test_a_port_for_each_child() -> None:
    assert parse("s.yaml", b"listen: {accounts: {anna: 8878, ben: 8879}}", choices()).accounts == (("anna", 8878), ("ben", 8879))


@pytest.mark.parametrize("data", [b"", b"# nothing\n", b"store:\n", b"profile: young-child\n"])
def test_defaults(data: bytes) -> None:
    assert parse("s.yaml", data, choices()) == Settings()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("listn: {port: 1}", "s.yaml:1: unknown setting 'listn'; known: listen.port"),
        ("listen: {prt: 1}", "s.yaml:1: unknown setting 'listen.prt'"),
        ("listen: 8080", "s.yaml:1: listen must hold settings"),
        ("listen: {port: 0}", "s.yaml:1: listen.port must be a whole number from 1 to 65535"),
        ("listen: {port: '8080'}", "listen.port must be a whole number"),
        ("listen: {port: true}", "listen.port must be a whole number"),
        ("listen: {accounts: [1]}", "listen.accounts must hold accounts"),
        ("listen: {accounts: {anna: x}}", "listen.accounts must be a whole number from 1"),
        ("listen: {accounts: {anna: 1, ben: 1}}", "listen.accounts must give each account a port of its own"),
        ("profile: adult", "s.yaml:1: profile must be one of young-child, teen, trial, not 'adult'"),
        ("profile: [teen]", "profile must be a text"),
        ("notice: {lang: de}", "notice.lang must be one of auto, en"),
        ("store: {evidence: no}", "store.evidence must be true or false"),
        ("store: {keep_days: 0}", "store.keep_days must be a whole number from 1"),
        ("upstream: {private_hosts: a.b:1}", "must be a list of host:port"),
        ("upstream: {private_hosts: ['*:443']}", "must be host:port, such as family.example:8443, not '*:443'"),
        ("upstream: {private_hosts: ['a.b']}", "must be host:port"),
        ("upstream: {private_hosts: ['a.b:99999']}", "must be host:port"),
        ("alerts: {quiet: '25:00-07:00'}", "alerts.quiet must be two times of the day"),
        ("alerts: {quiet: '07:00-07:00'}", "alerts.quiet must be two different times"),
        ("alerts: {digest_minutes: -1}", "alerts.digest_minutes must be a whole number from 0"),
        ("- a", "s.yaml:1: must hold settings"),
        ("a: [", "s.yaml:"),
    ],
)
def test_wrong_lines(line: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse("s.yaml", line.encode(), choices())
    assert says in str(caught.value)


def test_all_problems_at_once_in_order() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("s.yaml", b"nonsense: 1\nprofile: adult\nlisten:\n  port: x\n  also: 2\n", choices())
    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == ["s.yaml:1", "s.yaml:2", "s.yaml:4", "s.yaml:5"]


def test_every_field_has_a_setting() -> None:
    assert {s.field for s in SETTINGS} == set(Settings.__slots__)
    assert parse("s.yaml", b"") == Settings(**{s.field: config.defaults()[s.key] for s in SETTINGS})


@given(
    st.binary(max_size=200) | st.dictionaries(st.sampled_from([s.key for s in SETTINGS]), st.text(max_size=20)).map(repr).map(str.encode)
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(ConfigError):
        assert isinstance(parse("s.yaml", data, choices()), Settings)

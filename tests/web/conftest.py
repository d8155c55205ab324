"""The page with a log, a PIN whose digests cost nothing, and a client that behaves like a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from safeguard.policy.incident import Incident
from safeguard.store import Store
from safeguard.system.own_rules import OwnRules
from safeguard.system.paths import Paths
from safeguard.system.pin import PinStore
from safeguard.system.profiles_file import FamilyFile
from safeguard.web import Deps, create_app
from safeguard.web.deps import Words

PIN = "592718"
PORT = 8876
ORIGIN = f"http://127.0.0.1:{PORT}"
WORDS = Words(
    {"some-rule": "Says why the rule is there.", "some-context": "Says why it does not count."},
    {"group:x": "People of X"},
    {"x": "The X Network"},
)


@dataclass
class Site:
    """The page at work without a socket. account: who is at the other end; now: its clock."""

    deps: Deps
    client: FlaskClient
    who: list[str]
    now: list[float]
    said: list[str]
    told: list[Incident] = field(default_factory=list)

    def get(self, path: str = "/", **headers: str) -> TestResponse:
        return self.client.get(path, base_url=ORIGIN, headers=_named(headers), buffered=True)

    def post(self, path: str, data: dict[str, str] | None = None, **headers: str) -> TestResponse:
        """As a form of the page is sent; a header given as "" is not."""
        sent = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"} | _named(headers)
        return self.client.post(path, base_url=ORIGIN, data=data or {}, headers={k: v for k, v in sent.items() if v})

    def sign_in(self, pin: str = PIN, **headers: str) -> TestResponse:
        return self.post("/sign-in", {"pin": pin}, **headers)

    def token(self) -> str:
        found = re.search(r'name="token" value="([^"]+)"', self.get().text)
        return found[1] if found else ""

    def press(self, path: str, **fields: str) -> TestResponse:
        """A button of the page."""
        return self.post(path, {"token": self.token(), **fields})


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "log.sqlite")
    yield made
    made.close()


@pytest.fixture
def site(tmp_path: Path, store: Store) -> Site:
    who, now, said = ["parent"], [0.0], list[str]()
    paths = Paths.under(tmp_path)
    told: list[Incident] = []
    pin = PinStore(paths.pin, told.append, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    pin.set(PIN)
    deps = Deps(
        pin,
        store,
        OwnRules(paths.rules),
        PORT,
        words=lambda: WORDS,
        account=lambda client, server: who[0],
        clock=lambda: now[0],
        say=said.append,
        paths=paths,
        family=FamilyFile(paths),
        people=lambda: ("ann", "ben"),
        countries=lambda: ("am", "tr"),
    )
    return Site(deps, create_app(deps).test_client(), who, now, said, told)

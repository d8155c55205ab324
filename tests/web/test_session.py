"""Sign-in by the PIN, its end, and everything that must not get in."""

from __future__ import annotations

import pytest

from safeguard.web import create_app
from safeguard.web.session import COOKIE, MOST, SIGNED_OUT, Sessions
from tests.web.conftest import ORIGIN, PIN, Site


def test_the_pin_lets_in(site: Site) -> None:
    assert site.get().location == "/sign-in"
    done = site.sign_in()
    assert (done.status_code, done.location) == (303, "/")
    [cookie] = done.headers.getlist("Set-Cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Expires" not in cookie
    assert site.get().status_code == 200
    assert site.get("/sign-in").location == "/"


def test_a_wrong_pin_does_not_and_must_wait(site: Site) -> None:
    answers = [site.sign_in("804613") for _ in range(4)]
    assert [a.status_code for a in answers] == [403, 403, 403, 429]
    assert "This is not the PIN." in answers[0].text
    assert "Try again in 30 seconds." in answers[2].text
    assert "was not tried" in answers[3].text
    assert not any("Set-Cookie" in a.headers for a in answers)
    assert site.sign_in().status_code == 429  # the right one too
    assert site.told[0].excerpt == "3 wrong PINs, the last one from page:parent"
    site.who[0] = "child"
    assert site.sign_in("804613").status_code == 403  # counted by account: a child's guesses do not delay the parent


@pytest.mark.parametrize("pin", ["", "5" * 60_000, "\ud800", "\0"])
def test_odd_pins(site: Site, pin: str) -> None:
    assert site.sign_in(pin.encode("utf-8", "surrogatepass").decode("latin-1")).status_code == 403


def test_without_a_pin_the_page_only_says_how_to_set_one(site: Site) -> None:
    site.sign_in()
    site.deps.pin._path.unlink()
    assert site.get().location == "/sign-in"  # the session is over too
    assert "safeguard pin set" in site.get("/sign-in").text
    assert "<form" not in site.get("/sign-in").text
    done = site.sign_in()
    assert done.status_code == 403
    assert "Set-Cookie" not in done.headers


def test_a_damaged_pin_opens_nothing(site: Site) -> None:
    site.sign_in()
    site.deps.pin._path.write_bytes(b"")
    assert site.get().status_code == 503
    assert site.sign_in().status_code == 503


def test_signed_out_is_signed_out(site: Site) -> None:
    site.sign_in()
    cookie = site.client.get_cookie(COOKIE, "127.0.0.1")
    assert cookie is not None
    assert site.press("/sign-out").location == "/sign-in"
    assert site.client.get_cookie(COOKIE, "127.0.0.1") is None
    site.client.set_cookie(COOKIE, cookie.value, domain="127.0.0.1")  # kept by somebody
    assert site.get().location == "/sign-in"


def test_a_session_ends_by_itself(site: Site) -> None:
    site.sign_in()
    for _ in range(3):
        site.now[0] += 599
        assert site.get().status_code == 200
    site.now[0] += 601
    assert site.get().status_code == 303
    site.sign_in()
    for _ in range(80):
        site.now[0] += 590
        status = site.get().status_code
    assert status == 303  # twelve hours at most, however busy


def test_another_account_cannot_use_it(site: Site) -> None:
    site.sign_in()
    site.who[0] = "child"
    assert site.get().status_code == 303
    site.who[0] = "parent"
    assert site.get().status_code == 200


def test_a_new_pin_ends_it(site: Site) -> None:
    site.sign_in()
    site.deps.pin.set("804613")
    assert site.get().status_code == 303
    assert site.sign_in().status_code == 403
    assert site.sign_in("804613").status_code == 303


def test_signing_in_again_ends_the_old_one(site: Site) -> None:
    site.sign_in()
    old = site.client.get_cookie(COOKIE, "127.0.0.1")
    site.sign_in()
    assert old is not None
    site.client.set_cookie(COOKIE, old.value, domain="127.0.0.1")
    assert site.get().status_code == 303


def test_there_are_never_many() -> None:
    sessions = Sessions(60, lambda: 0.0)
    secrets = [sessions.begin("a", "m") for _ in range(MOST + 5)]
    assert sum(sessions.find(s, "a", "m") is not None for s in secrets) == MOST


def test_every_page_asks_for_a_session(site: Site) -> None:
    """Also those that others write later."""
    app = create_app(site.deps)
    for rule in app.url_map.iter_rules():
        if rule.endpoint in SIGNED_OUT:
            continue
        path = app.test_request_context().request.host_url and rule.rule
        for part, value in (("<code>", "AB12"), ("<int:number>", "1"), ("<name>", "author")):
            path = path.replace(part, value)
        assert "<" not in path, "say here what stands for it"
        if "GET" in (rule.methods or ()):
            assert site.get(path).location == "/sign-in", path
        if "POST" in (rule.methods or ()):
            assert site.post(path).status_code == 403, path


def test_a_change_needs_the_token(site: Site) -> None:
    site.sign_in()
    for token in ("", "x", site.token() + "x"):
        assert site.post("/sign-out", {"token": token}).status_code == 403
    assert site.get().status_code == 200
    assert ORIGIN.endswith("8876")
    assert PIN not in site.get().text

"""Other sites, other ports, other names for this computer: refused before anything is looked at."""

from __future__ import annotations

import pytest

from tests.web.conftest import ORIGIN, PIN, PORT, Site


@pytest.mark.parametrize(
    "host",
    [
        "evil.test",
        f"evil.test:{PORT}",
        "127.0.0.1",
        f"127.0.0.1:{PORT + 1}",
        f"127.0.0.1.evil.test:{PORT}",
        f"localhost.:{PORT}",
        f"[::1]:{PORT}",
    ],
)
@pytest.mark.parametrize("path", ["/", "/sign-in", "/static/page.css", "/nothing"])
def test_dns_rebinding(site: Site, host: str, path: str) -> None:
    site.sign_in()
    assert site.get(path, Host=host).status_code == 421
    assert site.post("/sign-in", {"pin": PIN}, Host=host, Origin=f"http://{host}").status_code == 421


def test_localhost_is_a_name_of_the_page(site: Site) -> None:
    assert site.get("/sign-in", Host=f"localhost:{PORT}").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": ""},
        {"Origin": "null"},
        {"Origin": "https://evil.test"},
        {"Origin": f"http://127.0.0.1:{PORT + 1}"},
        {"Origin": f"http://localhost:{PORT}"},  # of the page by its other name
        {"Origin": ORIGIN + ".evil.test"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},  # another port of this computer
    ],
    ids=str,
)
def test_forged_forms(site: Site, headers: dict[str, str]) -> None:
    assert site.sign_in(**headers).status_code == 403  # and no guess is counted, nor the right PIN taken
    site.sign_in()
    assert site.post("/sign-out", {"token": site.token()}, **headers).status_code == 403
    assert site.get().status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods(site: Site, method: str) -> None:
    site.sign_in()
    assert site.client.open("/", base_url=ORIGIN, method=method, headers={"Origin": ORIGIN}).status_code == 403


def test_other_sites_may_link_here_but_load_nothing(site: Site) -> None:
    opened = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert site.get("/sign-in", **opened, Sec_Fetch_Dest="document").status_code == 200
    for path in ("/sign-in", "/static/page.css", "/nothing"):
        assert site.get(path, **opened, Sec_Fetch_Dest="iframe").status_code == 403
        assert site.get(path, Sec_Fetch_Site="same-site", Sec_Fetch_Mode="no-cors", Sec_Fetch_Dest="image").status_code == 403


@pytest.mark.parametrize("path", ["/", "/sign-in", "/static/page.css", "/nothing"])
def test_the_headers_stand_on_every_answer(site: Site, path: str) -> None:
    for answer in (site.get(path), site.get(path, Host="evil.test")):
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_large_form(site: Site) -> None:
    assert site.post("/sign-in", {"pin": "1" * 100_000}).status_code == 413


def test_an_error_of_ours_says_where_and_quotes_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.sign_in()
    monkeypatch.setattr(type(site.deps.store.listing), "choices", lambda self: 1 / 0)
    answer = site.get()
    assert answer.status_code == 500
    [said] = site.said
    assert "internal error: ZeroDivisionError" in said

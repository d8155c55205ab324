"""The overview: figures that can be read, a file behind each picture, the period, and how well sites are protected."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from dataclasses import replace

import pytest

from safeguard.policy.allowance import Scope
from safeguard.policy.partly import Partly
from safeguard.policy.protection import Gap, Protection, State
from safeguard.store.overview import BY, TOP, Count
from safeguard.web import create_app, pictures
from safeguard.web.period import LONGEST, Period, last_days, period_of
from tests.store.conftest import incident
from tests.web.conftest import WORDS, Site
from tests.web.hostile import HOSTILE

TODAY = dt.date.today()
NUMBERS = r'<th scope="row">(.*?)</th>\s*<td>([\d,]+)</td><td>([\d,]+)</td><td>([\d,]+)</td>'
SITES = (
    Protection("x", "The X Network", State.PROTECTED),
    Protection("y", "Y", State.REDUCED, (Gap.NOT_COVERED, Gap.PASS_LISTED), "what is spoken", 1_700_000_000_000),
    Protection("z", "Z", State.WAITING, met=(Partly("z", "a page of it is XHTML", 1, 2),), waiting=("z.test",)),
)


@pytest.fixture
def page(site: Site) -> Site:
    """Signed in, with four texts, three sites, and an answer that could not be checked."""
    titles = {f"group {n}": text for n, text in enumerate(HOSTILE)}
    words = replace(WORDS, groups={**WORDS.groups, **titles})
    site.deps = replace(site.deps, sites=lambda: SITES, words=lambda: words)
    site.client = create_app(site.deps).test_client()
    site.sign_in()
    put = site.deps.store.add
    put(incident("AB12"))
    put(incident("AB13", action="allowed", site="y", category="slur"))
    put(incident("AB14", author="", action="warn", group=None))
    put(incident("AB15", author="=1+1"))
    put(incident("AB16", kind="unchecked", category="unchecked"))
    assert site.deps.store.flush()
    return site


def section(page: Site, name: str, path: str = "/overview") -> str:
    found = re.search(rf'<section aria-labelledby="h-{name}".*?</section>', page.get(path).text, re.S)
    assert found
    return found[0]


def figures(page: Site, name: str, path: str = "/overview") -> list[tuple[str, ...]]:
    """The rows of a picture's table, without markup."""
    rows = re.findall(NUMBERS, section(page, name, path), re.S)
    return [(re.sub(r"<[^>]*>|\s+", " ", row[0]).strip(), *row[1:]) for row in rows]


def lines(page: Site, path: str) -> list[list[str]]:
    answer = page.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="safeguard-[a-z0-9-]+\.csv"', answer.headers["Content-Disposition"])
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_every_figure_is_in_a_table(page: Site) -> None:
    assert figures(page, "site") == [("The X Network", "2", "0", "1"), ("y", "0", "1", "0")]
    assert figures(page, "category") == [("Call to violence", "2", "0", "1"), ("Insult", "0", "1", "0")]
    assert figures(page, "group") == [("People of X", "2", "1", "0"), ("no group", "0", "0", "1")]
    authors = figures(page, "author")
    assert [n.split()[0] for n, *_ in authors] == ["not", "=1+1", "@who", "@who"]
    shown = figures(page, "day")
    assert len(shown) == 30
    assert shown[-1][1:] == ("2", "1", "1")
    totals = re.sub(r"<[^>]*>|\s+", " ", section(page, "all"))
    for said in ("Hidden 2", "Let through again 1", "Only noted 1", "Could not be checked 1"):
        assert said in re.sub(" +", " ", totals)


@pytest.mark.parametrize("by", BY)
def test_tables_have_captions_and_pictures_have_names(page: Site, by: str) -> None:
    found = section(page, by)
    assert re.search(rf'<h2 id="h-{by}">[^<]+</h2>', found)
    assert found.count("<caption") == found.count("<table") == 1
    assert found.count('scope="col"') == 4
    drawn = re.findall(r"<svg[^>]*>", found)
    assert drawn
    assert all('aria-hidden="true"' in s or ('role="img"' in s and f'aria-labelledby="h-{by} m-{by}"' in s) for s in drawn)


@pytest.mark.parametrize("by", [*BY, "corrections", "sites"])
def test_a_file_behind_each_picture(page: Site, by: str) -> None:
    """The link of the section leads to the same figures."""
    link = re.search(r'href="(/overview/[^"]+)"', section(page, by))
    assert link
    head, *rows = lines(page, link[1].replace("&amp;", "&"))
    if by in BY:
        shown = [tuple(int(n) for n in row[1:]) for row in figures(page, by)]
        assert [tuple(map(int, row[-3:])) for row in rows] == shown
        assert head[-3:] == ["Hidden", "Let through again", "Only noted"]
    else:
        assert rows


def test_what_the_files_say(page: Site) -> None:
    assert (
        lines(page, "/overview/author.csv")[1:]
        == [
            ["not known", "The X Network", "0", "0", "1"],
            ["'=1+1", "The X Network", "1", "0", "0"],
            ["@who", "The X Network", "1", "0", "0"],
            ["@who", "y", "0", "1", "0"],
        ]
        or lines(page, "/overview/author.csv")[3][0] == "'@who"
    )
    assert lines(page, "/overview/day.csv")[-1] == [TODAY.isoformat(), "2", "1", "1"]
    sites = lines(page, "/overview/sites.csv")
    assert sites[1] == ["The X Network", "protected", ""]
    assert sites[2][:2] == ["Y", "protection reduced"]
    assert sites[2][2].endswith("Not read: what is spoken Live messages that cannot be read pass.")
    assert "safeguard ca renew" in sites[3][2]
    assert page.get("/overview/other.csv").status_code == 404


def test_the_file_has_every_name_and_the_page_the_most_met(page: Site) -> None:
    for n in range(TOP + 5):
        page.deps.store.add(incident(f"CC{n:02}", author=f"@a{n:02}"))
    page.deps.store.flush()
    assert len(lines(page, "/overview/author.csv")) == 1 + 4 + TOP + 5
    shown = figures(page, "author")
    assert len(shown) == TOP + 1
    assert shown[-1][0] == "All others"
    assert sum(int(n) for row in shown for n in row[1:]) == 4 + TOP + 5


def test_hostile_names_are_text_on_the_page_and_in_the_file(page: Site) -> None:
    for n, text in enumerate(HOSTILE):
        page.deps.store.add(incident(f"H{n}", author=text, site=text[:50], category="slur", group=f"group {n}"))
    page.deps.store.flush()
    assert "<script" not in page.get("/overview").text
    for by in BY:
        for row in lines(page, f"/overview/{by}.csv"):
            for cell in row:
                assert not re.match(r"\s*[=+\-@\t\r%|]", cell)
                assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", cell)


def test_links_to_the_entries(page: Site) -> None:
    """From a bar to what it is made of."""
    [link] = re.findall(r'href="(/\?site=y[^"]*)"', section(page, "site"))
    assert re.findall(r'<article id="e-(\w+)"', page.get(link.replace("&amp;", "&")).text) == ["AB13"]
    assert 'href="/?' not in section(page, "site", f"/overview?from=2020-01-01&to={TODAY - dt.timedelta(1)}")


def test_corrections(page: Site) -> None:
    page.press("/entry/AB12/allow", scope="text")
    page.press("/entry/AB15/right")
    text = section(page, "corrections")
    assert re.search(r"Single texts</th><td>1</td><td>0</td>.*Authors</th><td>0</td><td>0</td>", text, re.S)
    assert "Noted as rightly found: 1" in text
    assert figures(page, "site")[0] == ("The X Network", "1", "1", "1")
    [made] = page.deps.store.allowances.list()
    page.press(f"/allowance/{made.allowance.id}/undo")
    assert lines(page, "/overview/corrections.csv")[1] == ["Single texts", "1", "1"]
    assert [row[0] for row in lines(page, "/overview/corrections.csv")[1:]] == ["Single texts", "Authors", "Whole sites", "Whole rules"]
    assert len(Scope) == 4


def test_how_well_sites_are_protected(page: Site) -> None:
    text = section(page, "sites")
    for said in ("protected", "protection reduced", "waits for you", "Not read:", "what is spoken", "safeguard ca renew", "XHTML"):
        assert said in text
    assert text.count("<rect") == 3 + 3 + 3  # of the bar, of its legend, of the table


def test_nothing_yet(site: Site) -> None:
    site.sign_in()
    text = site.get("/overview").text
    assert text.count("Nothing in this period.") == len(BY)
    assert 'id="h-sites"' not in text


def test_the_language_of_numbers_and_days(page: Site) -> None:
    text = page.get("/overview?from=2026-11-01&to=2026-11-03", Accept_Language="ru").text
    assert "1 нояб. 2026" in text


def test_it_asks_for_a_session(site: Site) -> None:
    for path in ("/overview", "/overview/author.csv"):
        assert site.get(path).location == "/sign-in"


def test_the_menu_says_where_one_is(page: Site) -> None:
    assert re.search(r'<a href="/overview" aria-current="page">Overview</a>', page.get("/overview").text)
    assert re.search(r'<a href="/" aria-current="page">Review</a>', page.get("/").text)
    assert page.get("/overview").text.count('aria-current="page"') == 1


NOW = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("args", "period"),
    [
        ({}, last_days(30, NOW)),
        ({"days": "7"}, Period(dt.date(2026, 11, 16), NOW, 7)),
        ({"days": "8"}, last_days(30, NOW)),
        ({"from": "2026-11-01", "to": "2026-11-03"}, Period(dt.date(2026, 11, 1), dt.date(2026, 11, 3))),
        ({"from": "2026-11-03", "to": "2026-11-01"}, Period(dt.date(2026, 11, 1), dt.date(2026, 11, 3))),
        ({"from": "2026-11-01", "to": "2030-01-01"}, Period(dt.date(2026, 11, 1), NOW)),
        ({"from": "2030-01-01", "to": "2031-01-01"}, Period(NOW, NOW)),
        ({"from": "2026-11-01"}, Period(dt.date(2026, 11, 1), NOW)),
        ({"to": "2026-11-01"}, Period(dt.date(2026, 11, 1), dt.date(2026, 11, 1))),
        ({"from": "2001-01-01", "to": "2026-11-22"}, Period(NOW - dt.timedelta(LONGEST - 1), NOW)),
        ({"from": "0001-01-01", "to": "x", "days": "90"}, last_days(90, NOW)),
    ],
)
def test_periods(args: dict[str, str], period: Period) -> None:
    found = period_of(args, NOW)
    assert found == period
    assert period_of(found.args, NOW) == found


def test_bars() -> None:
    parts = pictures.of_count(Count("x", "", 2, 0, 1), 4)
    assert [(p.series, p.at, p.length) for p in parts] == [("hidden", 0, 50), ("noted", 50, 25)]
    assert pictures.of_count(Count(), 0) == []


def test_weeks_end_with_the_last_day() -> None:
    days = [Count(f"d{n}", "", 1) for n in range(16)]
    assert [(w.name, w.hidden) for w in pictures.weeks(days)] == [("d0", 2), ("d2", 7), ("d9", 7)]
    assert len(pictures.weeks(days[:14])) == 2

"""Whose script the time of a page's main thread went to, by V8's own sampling: no layout, no waiting."""

from __future__ import annotations

from types import TracebackType
from typing import Any, NamedTuple, Self

from safeguard.guard.script import PREFIX
from safeguard.system.chromium_pipe import Page

EVERY, LONGEST = 100, 300
"""Microseconds between two samples; of a longer one the rest is another process's, which this computer has too."""
_COUNT = "(w => { let n = 0; while (w.nextNode()) n++; return n })(document.createTreeWalker(document.body))"


class Spent(NamedTuple):
    """Milliseconds."""

    guard: float
    page: float

    @property
    def share(self) -> float:
        """The guard's part of all script, percent."""
        return 100 * self.guard / (self.guard + self.page)


class Sampling:
    """Samples a page while it is open; `spent` afterwards. here: what the addresses of the page's own scripts begin with."""

    def __init__(self, page: Page, here: str) -> None:
        self._page = page
        self._here = here
        self.spent = Spent(0.0, 0.0)

    def __enter__(self) -> Self:
        self._page.call("Network.disable")  # else DevTools notes the way to each request, which costs more than asking
        self._page.call("Profiler.enable")
        self._page.call("Profiler.setSamplingInterval", interval=EVERY)
        self._page.call("Profiler.start")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self.spent = _sum(self._page.call("Profiler.stop", 60)["profile"], self._here)


def check(page: Page, nodes: int) -> None:
    """The page has that many nodes at least, and nothing of it was found harmful."""
    found = page.eval(_COUNT)
    assert found >= nodes, f"only {found} nodes"
    assert page.eval("document.body.textContent.includes('Hidden by SafeGuard')") is False, "the bench's own posts are found harmful"


def _sum(profile: dict[str, Any], here: str) -> Spent:
    nodes = {n["id"]: n for n in profile["nodes"]}
    whose: dict[int, str] = {}
    todo = [(profile["nodes"][0]["id"], "")]
    while todo:
        number, of = todo.pop()
        url = nodes[number]["callFrame"]["url"]
        of = "guard" if PREFIX in url else of or ("page" if url.startswith(here) else "")
        whose[number] = of
        todo += [(child, of) for child in nodes[number].get("children", ())]
    spent = {"guard": 0.0, "page": 0.0, "": 0.0}
    for number, micros in zip(profile["samples"], profile["timeDeltas"], strict=True):
        spent[whose[number]] += min(micros, LONGEST) / 1000
    return Spent(spent["guard"], spent["page"])

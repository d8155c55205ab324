"""`make bench`, or `python -m tests.bench start engine rivals proxy mixed stream guard page`: exit 1 where a figure is over its limit."""

from __future__ import annotations

import sys

from tests.bench import engine, guard, page, proxies, rivals, start
from tests.bench.measure import Figures

PARTS = {
    "start": start.run,
    "engine": engine.run,
    "rivals": rivals.run,
    "proxy": proxies.requests,
    "mixed": proxies.mixed,
    "stream": proxies.stream,
    "guard": guard.run,
    "page": page.run,
}


def main(names: list[str]) -> int:
    """Run the named parts, or all. `quick` among the names: few rounds."""
    rounds = 3 if "quick" in names else 9
    figures = Figures()
    for name, part in PARTS.items():
        if name in names or not set(names) & set(PARTS):
            part(figures, rounds)
    if figures.over:
        print(f"{figures.over} figures are over their limit")
    return 1 if figures.over else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

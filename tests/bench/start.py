"""How soon the engine is ready, and in how much memory: `python -m tests.bench.start FOLDER` is one process that starts and says so.

The CPU's seconds from the process's begin on, the interpreter and all imports included, with the bytecode that an installation has; the
best of some processes, as other work only ever adds.
"""

from __future__ import annotations

import compileall
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.measure import Figures

ROOT = Path(__file__).parents[2]
COLD, WARM, MEMORY = 3.0, 0.3, 150.0
RUNS = 3


def memory() -> float:
    """MB of this process that are in memory now."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def child(folder: Path) -> dict[str, float]:
    """Start as a filter does, and judge some thousand posts."""
    from safeguard import wiring
    from safeguard.config import Settings
    from safeguard.system.paths import Paths

    engine = wiring.build_engine(Settings(), paths=Paths(config=folder / "config", state=folder / "state", cache=folder / "cache"))
    said = {"seconds": time.process_time(), "ready": memory()}
    from safeguard.text.unit import TextUnit
    from tests.bench import texts

    engine.check_many([TextUnit.of(t) for t in texts.posts(3000, seed=5)])
    return said | {"used": memory()}


def started(folder: Path) -> dict[str, float]:
    """What a process of its own says."""
    told = subprocess.run([sys.executable, "-m", "tests.bench.start", str(folder)], capture_output=True, text=True, check=True, cwd=ROOT)
    said: dict[str, float] = json.loads(told.stdout)
    return said


def run(figures: Figures, rounds: int) -> None:
    """Ready from the rule files alone, and from the cache; memory then, and with some thousand posts judged."""
    for package in ("safeguard", "tests/bench"):
        compileall.compile_dir(ROOT / package, quiet=1)
    cold, warm = [], []
    for _ in range(min(rounds, RUNS)):
        with TemporaryDirectory() as name:
            cold.append(started(Path(name)))
            warm += [started(Path(name)) for _ in range(2)]
    figures.tell("start.cold", min(s["seconds"] for s in cold), COLD, "s")
    figures.tell("start.warm", min(s["seconds"] for s in warm), WARM, "s")
    figures.tell("start.cold_memory", max(s["used"] for s in cold), MEMORY, "MB")
    figures.tell("start.ready_memory", max(s["ready"] for s in warm), None, "MB")
    figures.tell("start.warm_memory", max(s["used"] for s in warm), MEMORY, "MB")


if __name__ == "__main__":
    print(json.dumps(child(Path(sys.argv[1]))))

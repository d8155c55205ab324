"""A browser window on the filtered sample network, for a person to look at."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from safeguard.system.chromium_pipe import find_chromium

FLAGS = (
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-quic",
    "--disable-sync",
    "--password-store=basic",
    "--window-size=1100,900",
)


def screen() -> bool:
    """Whether there is a desktop to open a window on."""
    return os.name == "nt" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def look(url: str, proxy: str, home: Path, profile: Path) -> bool:
    """Open the window and wait until it is closed or Ctrl-C is pressed; False where there is no browser of the Chromium family.

    proxy: host:port; home: folder made by prepare_chromium_home; profile: folder for the browser's own files.
    """
    program = find_chromium()
    if program is None:
        return False
    command = [program, f"--user-data-dir={profile}", f"--proxy-server=http://{proxy}", "--proxy-bypass-list=<-loopback>", *FLAGS]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--no-sandbox")  # Chromium refuses its sandbox to root
    env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy") and k != "XDG_DATA_HOME"} | {"HOME": str(home)}
    quiet = subprocess.DEVNULL
    with subprocess.Popen([*command, url], env=env, stdin=quiet, stdout=quiet, stderr=quiet) as shown:
        try:
            shown.wait()
        except KeyboardInterrupt:
            shown.terminate()
    return True

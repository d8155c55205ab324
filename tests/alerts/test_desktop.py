"""The desktop itself: a real notification service on a message bus of its own gets what plyer sends; without one it is one clear error."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from safeguard.alerts import desktop
from safeguard.errors import AlertError

SERVICE = """
import dbus, dbus.service, sys
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib
DBusGMainLoop(set_as_default=True)
NAME = "org.freedesktop.Notifications"
class Notifications(dbus.service.Object):
    @dbus.service.method(NAME, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(self, app, replaces, icon, title, text, actions, hints, timeout):
        print(title, text, sep="|", flush=True)
        return 1
    @dbus.service.method(NAME, out_signature="ssss")
    def GetServerInformation(self):
        return "test", "test", "1", "1.2"
    @dbus.service.method(NAME, out_signature="as")
    def GetCapabilities(self):
        return ["body"]
name = dbus.service.BusName(NAME, dbus.SessionBus())
service = Notifications(dbus.SessionBus(), "/org/freedesktop/Notifications")
print("ready", flush=True)
GLib.MainLoop().run()
"""
SHOW = "from safeguard.alerts import desktop; desktop.show('SafeGuard', 'reddit: a threat. Code AB12-CD34')"
PYTHON = "/usr/bin/python3"


def _service() -> bool:
    ready = all(shutil.which(p) for p in ("dbus-run-session", "notify-send", PYTHON))
    return ready and subprocess.run([PYTHON, "-c", "import dbus, gi"], capture_output=True).returncode == 0


@pytest.mark.skipif(not _service(), reason="needs Debian's dbus, libnotify-bin, python3-dbus and python3-gi")
def test_a_real_notification_service_gets_it(tmp_path: Path) -> None:
    (tmp_path / "service.py").write_text(SERVICE)
    (tmp_path / "show.py").write_text(SHOW)
    script = f"""
mkfifo {tmp_path}/said
{PYTHON} {tmp_path}/service.py > {tmp_path}/said & service=$!
exec 3< {tmp_path}/said
read -r ready <&3; echo "$ready"
{sys.executable} {tmp_path}/show.py; echo "code $?"
read -r said <&3; echo "$said"
kill $service
"""
    done = subprocess.run(["dbus-run-session", "--", "sh", "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == ["ready", "code 0", "SafeGuard|reddit: a threat. Code AB12-CD34"], done.stderr


def test_without_a_session_it_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    if not sys.platform.startswith("linux"):
        pytest.skip("Linux alone has sessions without a bus")
    with pytest.raises(AlertError, match="no desktop"):
        desktop.show("title", "text")


def test_a_desktop_that_plyer_cannot_use_is_one_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    monkeypatch.setenv("PATH", str(tmp_path))  # no notify-send
    program = (
        "from safeguard.alerts import desktop\n"
        "from safeguard.errors import AlertError\n"
        "try: desktop.show('t', 'x')\n"
        "except AlertError as e: print(e)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "alerts: this desktop shows no messages; on Debian install libnotify-bin\n", done.stderr
    assert done.stderr == ""

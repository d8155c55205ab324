"""Misago, a forum, as its makers ship it on PyPI, set up as their own sample site; nothing of it is changed or fetched from elsewhere.

Its pages carry what they show twice, as HTML and as state in `misago.init({…})`; what comes later is JSON.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from safeguard.demo import certificate
from tests.live.process import LOOPBACK, Process, free_port
from tests.postgres import OWNER

HOST = "forum.test"
VERSION = "0.39.6"
FOLDER = Path(__file__).parents[2] / ".cache" / "pypi" / f"misago-{VERSION}"
"""A virtual environment with what misago.txt lists."""
PEOPLE = {"Kid": "first-secret-1", "Sevda": "second-secret-2", "Stranger": "third-secret-3"}
CATEGORY = 3
"""Where one may write; Misago makes it when it is set up."""
PER_PAGE = 5

SETTINGS = """\
from devproject.settings import *

DEBUG = False
SECRET_KEY = "of a test"
ALLOWED_HOSTS = ["{host}", "{loopback}"]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "{owner}", "HOST": "{database}"}}}}
INSTALLED_APPS = [a for a in INSTALLED_APPS if a != "debug_toolbar"]
MIDDLEWARE = [m for m in MIDDLEWARE if not m.startswith("debug_toolbar.")]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True  # so no Redis either
CELERY_BROKER_URL = "memory://"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
LOGGING = {{"version": 1, "disable_existing_loggers": False, "handlers": {{"said": {{"class": "logging.StreamHandler"}}}}}}
LOGGING["root"] = {{"handlers": ["said"]}}
MEDIA_ROOT = "{folder}/media"
MEDIA_URL = "/static/media/"  # so that portraits are handed out too
STATICFILES_DIRS = [("media", MEDIA_ROOT)]
MISAGO_AVATARS_SIZES = [100]

from misago.conf.defaults import MISAGO_POSTING_MIDDLEWARES

# the friend of a test writes faster than people do
MISAGO_POSTING_MIDDLEWARES = [m for m in MISAGO_POSTING_MIDDLEWARES if "floodprotection" not in m]
"""
SET_UP = """\
import django
django.setup()

from django.contrib.auth import get_user_model
from django.core.management import call_command
from misago.cache.versions import get_cache_versions
from misago.conf.dynamicsettings import DynamicSettings
from misago.conf.models import Setting
from misago.users.setupnewuser import setup_new_user

call_command("migrate", verbosity=0)
for name in ("posts_per_page", "threads_per_page"):
    Setting.objects.change_setting(name, wet_value={per_page})
Setting.objects.change_setting("posts_per_page_orphans", wet_value=1)
settings = DynamicSettings(get_cache_versions())
for name, password in {people}.items():
    setup_new_user(settings, get_user_model().objects.create_user(name, name + "@{host}", password))
"""
SERVE = """\
import ssl
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("{folder}/server.crt", "{folder}/server.key")
server = ThreadedWSGIServer(("{loopback}", {port}), WSGIRequestHandler)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)  # but in the thread of each connection
server.base_environ["HTTPS"] = "on"
server.set_app(StaticFilesHandler(get_wsgi_application()))
server.serve_forever()
"""


def missing() -> str:
    """What must be fetched first, or ""."""
    if (FOLDER / "bin" / "python").exists():
        return ""
    return f"no {FOLDER.name} in .cache/pypi; run: make .cache/pypi/{FOLDER.name} (needs the network)"


class Misago(Process):
    """The running forum with PEOPLE in it; a context manager. database: folder of PostgreSQL's socket.

    ca: PEM of the throwaway authority that vouches for HOST.
    """

    def __init__(self, folder: Path, database: Path) -> None:
        identity = certificate.make(HOST)
        self.ca = identity.ca
        folder.mkdir(mode=0o700)
        (folder / "server.crt").write_bytes(identity.certificate)
        (folder / "server.key").write_bytes(identity.key)
        (folder / "media").mkdir()
        settings = SETTINGS.format(host=HOST, loopback=LOOPBACK, owner=OWNER, database=database, folder=folder)
        (folder / "forum_settings.py").write_text(settings)
        python = str(FOLDER / "bin" / "python")
        env = {"PYTHONPATH": str(folder), "DJANGO_SETTINGS_MODULE": "forum_settings"}
        set_up = SET_UP.format(per_page=PER_PAGE, people=PEOPLE, host=HOST)
        done = subprocess.run([python, "-c", set_up], cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        port = free_port()
        super().__init__([python, "-c", SERVE.format(folder=folder, loopback=LOOPBACK, port=port)], port, folder / "said", env)

    @property
    def url(self) -> str:
        """The origin, without a slash at its end."""
        return f"https://{HOST}:{self.port}"

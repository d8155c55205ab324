"""`safeguard run`: the filter in the foreground, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from safeguard import config, wiring
from safeguard.config import Settings
from safeguard.errors import InputError, ProxyError
from safeguard.pipeline import Pipeline
from safeguard.proxy import ca_store, master
from safeguard.proxy.ca import Authority
from safeguard.proxy.checking import PipelineChecker
from safeguard.system.paths import Paths
from safeguard.system.terminal import safe

port_option = click.option("--port", type=click.IntRange(1, 65535), help="Port on 127.0.0.1; the one of the settings unless given.")
config_option = click.option(
    "--config", "file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Settings file to use instead of yours."
)


@dataclass(frozen=True, slots=True)
class Running:
    """A filter at work."""

    handle: master.Handle
    pipeline: Pipeline
    authority: Authority


def settings_of(file: Path | None, port: int | None) -> Settings:
    """The settings, from `file` where given, with `port` in place of theirs. Raises ConfigError or InputError."""
    if file is None:
        settings = wiring.load_settings()
    else:
        try:
            settings = config.parse(str(file), file.read_bytes(), wiring.CHOICES)
        except OSError as e:
            raise InputError(f"{file}: cannot be read ({e.strerror})") from e
    return replace(settings, port=port) if port else settings


def say(text: str) -> None:
    """Lines for the parent, on standard error; text from outside is made harmless."""
    click.echo(safe(text, lines=True), err=True)


@contextmanager
def serving(settings: Settings, port: int, tell: Callable[[str], None] = say) -> Iterator[Running]:
    """The filter with log and hot reload, stopped in order at the end; port 0: any free one. Raises SafeguardError."""
    paths = Paths.of_user()
    logging.getLogger("mitmproxy").setLevel(logging.ERROR)  # its warnings name what the child visits
    store = wiring.open_store(settings, mend=True, say=tell)
    done = threading.Event()
    try:
        store.start()
        pipeline = wiring.build_pipeline(settings, sink=store.add)
        kept = ca_store.open_authority(paths.state / "ca", pipeline.sites.domains)
        if kept.told:
            tell(kept.told)
        rules = wiring.RuleWatch(settings, pipeline)
        handle = master.start_in_thread(PipelineChecker(pipeline), kept.authority, private=settings.private_hosts, port=port)
        watcher = threading.Thread(target=rules.run, args=(done, tell), name="safeguard-rules", daemon=True)
        watcher.start()
        try:
            yield Running(handle, pipeline, kept.authority)
        finally:
            done.set()
            handle.stop()
            watcher.join(10)
    finally:
        store.close()


@contextmanager
def until_told() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set."""
    stop = threading.Event()
    before = {s: signal.signal(s, lambda number, frame: stop.set()) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@click.command()
@port_option
@config_option
def run(port: int | None, file: Path | None) -> None:
    """Run the filter until Ctrl-C. Changed rule files are taken up at once; broken ones are named and the last good rules stay.

    \b
    Example:
      safeguard run
      safeguard run --port 9000
    """
    settings = settings_of(file, port)
    with until_told() as stop, serving(settings, settings.port) as on:
        sites = on.pipeline.sites
        watched = f"{len(sites.profiles)} sites, {len(sites.domains)} domains"
        click.echo(f"SafeGuard listens on {on.handle.address}: {watched}, profile {settings.profile}.")
        click.echo("Browsers that are to be filtered: `safeguard browse`. Stop with Ctrl-C.")
        while not stop.wait(1.0):
            if not on.handle.alive:
                raise ProxyError("the filter ended by itself; start it again and report it, please")
    click.echo("SafeGuard stopped.")

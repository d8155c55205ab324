"""For maintainers: makes the publisher's key, and packs of rules for `safeguard update`. CONTRIBUTING says how the key is kept."""

from __future__ import annotations

import base64
import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import click
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from safeguard import __version__
from safeguard.errors import PackError
from safeguard.system import pack, shipped

PASSPHRASE = "Passphrase of the key"


@click.group()
def app() -> None:
    """Packs of rules for `safeguard update`."""


@app.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def key(out: Path) -> None:
    """Make a new key: the private half to OUT (0600, under a passphrase), the public half on the screen."""
    word = click.prompt(PASSPHRASE, hide_input=True, confirmation_prompt=True)
    made = Ed25519PrivateKey.generate()
    kept = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(word.encode())
    )
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
        f.write(kept)
    public = made.public_key().public_bytes_raw()
    click.echo(f"For KEYS in safeguard/system/publisher.py: {base64.b64encode(public).decode()}")


@app.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--key", "signed_with", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The private key.")
@click.option(
    "--version", default=lambda: dt.date.today().isoformat(), help="A day, such as 2026-11-30, or 2026-11-30.2; today unless given."
)
@click.option("--safeguard", "oldest", default=__version__, show_default=True, help="The oldest SafeGuard the rules are for.")
@click.option(
    "--rules", default=None, type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder; this checkout's rules/."
)
def make(out: Path, signed_with: Path, version: str, oldest: str, rules: Path | None) -> None:
    """Make and sign a pack of all rules, site profiles and their translations. Run `make test` before; every PC tests the pack again."""
    if not pack.is_version(version) or version[:10] > dt.date.today().isoformat():
        raise click.ClickException("--version must be a day that is not to come: nothing older could replace such a pack")
    folder = rules or shipped.rules()
    files = [
        (p.relative_to(folder).as_posix(), p.read_bytes())
        for p in sorted((*folder.rglob("*.yaml"), *folder.glob("locale/*.po")))
        if p.is_file()
    ]
    try:
        made = pack.make(version, oldest, files, _signer(signed_with))
    except PackError as e:
        raise click.ClickException(f"these rules make no pack: {e}") from e
    out.write_bytes(made)
    click.echo(f"{out}: {len(files)} files, {len(made) // 1024} kB, version {version}, for SafeGuard {oldest} and newer")


def _signer(path: Path) -> Callable[[bytes], bytes]:
    word = click.prompt(PASSPHRASE, hide_input=True)
    try:
        loaded = serialization.load_pem_private_key(path.read_bytes(), word.encode())
    except ValueError as e:
        raise click.ClickException(f"{path}: not opened by this passphrase, or no key") from e
    if not isinstance(loaded, Ed25519PrivateKey):
        raise click.ClickException(f"{path}: not an Ed25519 key")
    return loaded.sign


if __name__ == "__main__":
    app()

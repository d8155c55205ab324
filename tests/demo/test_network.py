"""The sample network serves every text it has, over verified HTTPS, WebSocket and server-sent events."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import pytest

from safeguard.demo import certificate
from safeguard.demo.client import Client
from safeguard.demo.content import LANGUAGES, items
from safeguard.demo.network import SampleNetwork
from safeguard.demo.reading import plain


@pytest.fixture(scope="module")
def network() -> Iterator[SampleNetwork]:
    with SampleNetwork() as running:
        yield running


@pytest.fixture
def client(network: SampleNetwork) -> Client:
    return Client(network.host, network.port, network.ca, network.port, proxied=False)


def test_every_text_is_served_where_it_is_marked(client: Client) -> None:
    view = client.visit()
    assert [i.id for i in items() if plain(i.text) not in view.places.get(i.id, [])] == []
    assert [i for i, texts in view.places.items() if len(set(texts)) != 1] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_live_messages_come_one_by_one(client: Client, lang: str) -> None:
    socket: list[str] = []
    events: list[str] = []
    client.web_socket(f"/live/{lang}", socket.append)
    client.events(f"/notes/{lang}", events.append)
    for got in (socket, events):
        assert len(got) == 3
        assert '"total": 2' in got[0]


def test_its_certificate_is_verified(network: SampleNetwork) -> None:
    stranger = certificate.make("chorus.test").ca
    with pytest.raises(ssl.SSLCertVerificationError):
        Client(network.host, network.port, stranger, network.port, proxied=False).get("/en/")
    with pytest.raises(ssl.SSLCertVerificationError):
        Client("other.test", network.port, network.ca, network.port, proxied=False).get("/en/")


@pytest.mark.parametrize(
    ("path", "starts"),
    [("/pictures/logo.png", "PNG"), ("/pictures/boat.svg", "<svg"), ("/static/chorus.css", ":root"), ("/en/nothing", "<html><title>404")],
)
def test_everything_else_a_page_asks_for(client: Client, path: str, starts: str) -> None:
    connection = client._http()
    connection.request("GET", path)
    body = connection.getresponse().read()
    connection.close()
    assert starts.encode() in body[:20]


def test_it_listens_on_loopback_alone_and_ends() -> None:
    with SampleNetwork() as running:
        assert {s.getsockname()[0] for s in running._sockets} == {"127.0.0.1"}
    with pytest.raises(ConnectionRefusedError):
        Client(running.host, running.port, running.ca, running.port, proxied=False).get("/en/")

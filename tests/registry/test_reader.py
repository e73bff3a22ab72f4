"""The reader: right answers, and the last good ones when its store is down, torn, older or wrong."""

from __future__ import annotations

import gzip
import hashlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from cellfleet.failure import Failure
from cellfleet.inventory.pseudonym import Key
from cellfleet.registry.bundle import Bundle, bundle
from cellfleet.registry.reader import Registry
from cellfleet.registry.snapshot import build
from tests.fleets import fleet
from tests.registry.populations import ALIASES, KEY, ROWS, Row, tenants

ACME = fleet()
MOVED: tuple[Row, ...] = (("1001", "ada", "us-gcp-1"), *ROWS[1:])


def bundled(rows: tuple[Row, ...] = ROWS, locality: str = "us") -> Bundle:
    return bundle(build(ACME, locality, tenants(ACME, rows), KEY), 1_000_000)


def publish(folder: Path, published: Bundle, epoch: int, generation: int) -> None:
    folder.mkdir(exist_ok=True)
    for name, content in published.files(epoch, generation).items():
        (folder / name).write_bytes(content)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    publish(folder, bundled(), 1, 4)
    return folder


# --- what it answers -------------------------------------------------------------------------------------------------


def test_it_tells_the_cell_of_each_tenant_by_slug_and_id(store: Path) -> None:
    registry = Registry.open(store)
    for id_, slug, cell in ROWS[:3]:
        assert registry.cell_of(slug=slug) == registry.cell_of(id=id_) == cell
    assert registry.cell_of(slug="1001") is registry.cell_of(id="ada") is None
    assert registry.cell_of(slug="dora") is registry.cell_of(id="2001") is None
    assert registry.records["us-aws-1"]["endpoints"]["web"]["address"] == "us-aws-1.cells.acme.io"


def test_an_alias_leads_to_its_tenant_up_to_its_last_day(store: Path) -> None:
    registry = Registry.open(store)
    assert registry.cell_of(slug="countess", as_of=date(2027, 6, 30)) == "us-aws-1"
    assert registry.cell_of(slug="countess", as_of=date(2027, 7, 1)) is None
    assert registry.cell_of(id="countess") is None


def test_it_tells_the_locality_of_whoever_is_elsewhere(store: Path) -> None:
    registry = Registry.open(store, key=KEY)
    assert registry.locality_of(slug="ada") == registry.locality_of(id="1003") == "us"
    assert registry.locality_of(slug="dora") == registry.locality_of(id="2002") == "de"
    assert registry.locality_of(slug="detektiv") == "de"
    assert registry.locality_of(slug="2002") is registry.locality_of(id="nobody") is None


@pytest.mark.parametrize("key", [None, Key(b"another key of thirty-two letters", secret=True)])
def test_whoever_has_not_the_key_cannot_ask_about_others(store: Path, key: Key | None) -> None:
    registry = Registry.open(store, key=key)
    assert registry.locality_of(slug="ada") == "us"
    with pytest.raises(Failure, match="only with the key"):
        registry.locality_of(slug="dora")


NAMES = st.from_regex("[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)


@settings(max_examples=50, deadline=None)
@given(
    lives=st.dictionaries(NAMES, st.sampled_from(sorted(ACME.cells)), max_size=40), limit=st.sampled_from([3000, 10**6])
)
def test_what_was_written_is_what_is_read(lives: dict[str, str], limit: int) -> None:
    rows = [(f"id-{slug}", slug, cell) for slug, cell in lives.items()]
    cut = bundle(build(ACME, "us", tenants(ACME, rows, ()), KEY), limit)
    files = cut.files(1, 1)
    registry = Registry.open("nowhere", key=KEY, fetch=lambda name, _: files[name])
    for slug, cell in lives.items():
        at_home = ACME.cells[cell].locality == "us"
        assert registry.cell_of(slug=slug) == registry.cell_of(id=f"id-{slug}") == (cell if at_home else None)
        assert registry.locality_of(slug=slug) == registry.locality_of(id=f"id-{slug}") == ACME.cells[cell].locality
    assert registry.records == {name: json.loads(text) for name, text in cut.records.items()}


# --- newer, older, and the same --------------------------------------------------------------------------------------


def test_a_newer_generation_is_taken(store: Path) -> None:
    registry = Registry.open(store)
    publish(store, bundled(MOVED), 1, 5)
    assert registry.refresh()
    assert (registry.cell_of(slug="ada"), registry.head.order) == ("us-gcp-1", (1, 5))
    assert not registry.refresh()
    assert registry.last_error is None


@pytest.mark.parametrize(("epoch", "generation", "taken"), [(1, 3, False), (0, 9, False), (2, 1, True), (1, 4, True)])
def test_an_older_one_is_refused_and_a_repaired_one_taken(
    store: Path, epoch: int, generation: int, taken: bool
) -> None:
    registry = Registry.open(store)
    publish(store, bundled(MOVED), epoch, generation)
    assert registry.refresh() is taken
    assert registry.cell_of(slug="ada") == ("us-gcp-1" if taken else "us-aws-1")
    assert (registry.last_error is None) is taken
    if not taken:
        assert (
            registry.last_error == f"the store is at ({epoch}, {generation}), which is older than (1, 4), which is held"
        )


def test_what_a_repairing_run_publishes_as_the_same_generation_is_taken(store: Path) -> None:
    registry = Registry.open(store)
    for rows, cell in ((MOVED, "us-gcp-1"), (ROWS, "us-aws-1")):  # one of whose digests is the higher
        publish(store, bundled(rows), 1, 4)
        assert registry.refresh()
        assert registry.cell_of(slug="ada") == cell


def test_another_localitys_registry_is_refused(store: Path) -> None:
    registry = Registry.open(store, locality="us")
    publish(store, bundled(locality="de"), 1, 9)
    assert not registry.refresh()
    assert registry.last_error == "the store holds the registry of de, not of us"
    with pytest.raises(Failure, match="of de, not of us"):
        Registry.open(store, locality="us")


def test_only_shards_that_are_new_are_fetched(store: Path) -> None:
    fetched: list[str] = []

    def fetch(name: str, _: int) -> bytes:
        fetched.append(name)
        return (store / name).read_bytes()

    registry = Registry.open(store, fetch=fetch)
    fetched.clear()
    publish(store, bundled(MOVED), 1, 5)
    assert registry.refresh()
    assert len(fetched) == 3  # the head, the tenants, and the cells, whose use has changed


# --- a store that is down, torn or wrong -----------------------------------------------------------------------------


def head_of(store: Path, **changes: Any) -> None:
    head = json.loads((store / "head.json").read_bytes())
    (store / "head.json").write_text(json.dumps({**head, "generation": 5, **changes}))


def shard(store: Path, section: str) -> Path:
    shards = json.loads((store / "head.json").read_bytes())["shards"]
    return store / next(f"{one['sha256']}.json.gz" for one in shards if one["section"] == section)


def exchanged(store: Path, text: bytes, other: bytes) -> None:
    """Another shard of tenants, by its right name, under a head that has the digest of the first."""
    body = gzip.compress(gzip.decompress(shard(store, "tenants").read_bytes()).replace(text, other))
    head = json.loads((store / "head.json").read_bytes())
    for one in head["shards"]:
        if one["section"] == "tenants":
            one |= {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}
            (store / f"{one['sha256']}.json.gz").write_bytes(body)
    head_of(store, shards=head["shards"])


def flipped(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)


FAULTS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no head": (lambda store: (store / "head.json").unlink(), "No such file"),
    "empty head": (lambda store: (store / "head.json").write_bytes(b""), "not JSON"),
    "half a head": (
        lambda store: (store / "head.json").write_bytes((store / "head.json").read_bytes()[:100]),
        "not JSON",
    ),
    "list for a head": (lambda store: (store / "head.json").write_text("[]"), "format_version"),
    "huge head": (lambda store: (store / "head.json").write_bytes(b" " * 2_000_000), "more than 1,048,576 bytes"),
    "another version": (partial(head_of, format_version=2), "reads 1"),
    "no digest": (partial(head_of, digest=None), "another type"),
    "a truth for a number": (partial(head_of, epoch=True), "another type"),
    "no shards": (partial(head_of, shards=[]), "every line of cells once"),
    "another digest": (partial(head_of, digest="0" * 64), "digest"),
    "another key": (partial(head_of, key="0" * 20), "digest"),
    "a shard that leads out": (
        lambda store: head_of(
            store,
            shards=[
                {**one, "sha256": "../../secret"} for one in json.loads((store / "head.json").read_bytes())["shards"]
            ],
        ),
        "cannot be",
    ),
    "shards exchanged": (
        lambda store: head_of(store, shards=json.loads((store / "head.json").read_bytes())["shards"][::-1]),
        "every line of cells once",
    ),
    "a row changed": (lambda store: exchanged(store, b"us-aws-1", b"us-gcp-1"), "digest"),
    "a row lost": (lambda store: exchanged(store, b'["1001","ada","us-gcp-1"]', b""), "digest"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_is_wrong_the_last_good_one_answers(store: Path, fault: str) -> None:
    registry = Registry.open(store)
    publish(store, bundled(MOVED), 1, 5)
    break_, reason = FAULTS[fault]
    break_(store)
    assert not registry.refresh()
    assert reason in str(registry.last_error)
    assert (registry.cell_of(slug="ada"), registry.head.order) == ("us-aws-1", (1, 4))
    with pytest.raises(Failure, match="cannot be read"):
        Registry.open(store)
    publish(store, bundled(MOVED), 1, 5)
    assert registry.refresh()
    assert registry.last_error is None


@pytest.mark.parametrize("section", ["cells", "tenants", "aliases", "elsewhere"])
@pytest.mark.parametrize("how", ["flipped", "short", "long", "empty", "gone"])
def test_a_shard_that_is_not_as_it_was_written_is_noticed(store: Path, section: str, how: str) -> None:
    path = shard(store, section)
    body = path.read_bytes()
    match how:
        case "flipped":
            flipped(path)
        case "gone":
            path.unlink()
        case _:
            path.write_bytes({"short": body[:-1], "long": body + b"\0", "empty": b""}[how])
    with pytest.raises(Failure, match="cannot be read"):
        Registry.open(store)


# --- across restarts -------------------------------------------------------------------------------------------------


def test_after_a_restart_the_last_good_one_is_served_while_the_store_is_down(store: Path, tmp_path: Path) -> None:
    keep = tmp_path / "registry.kept"
    Registry.open(store, keep=keep)
    for path in store.iterdir():
        path.unlink()
    restarted = Registry.open(store, keep=keep, key=KEY)
    assert "No such file" in str(restarted.last_error)
    assert (restarted.cell_of(slug="ada"), restarted.locality_of(id="2001")) == ("us-aws-1", "de")
    publish(store, bundled(MOVED), 1, 5)
    assert restarted.refresh()
    assert Registry.open(store / "nowhere", keep=keep).cell_of(slug="ada") == "us-gcp-1"
    assert {path.name for path in tmp_path.iterdir()} == {"store", "registry.kept"}


def test_a_store_that_was_rolled_back_is_refused_after_a_restart_too(store: Path, tmp_path: Path) -> None:
    keep = tmp_path / "registry.kept"
    Registry.open(store, keep=keep)
    publish(store, bundled(MOVED), 1, 3)
    restarted = Registry.open(store, keep=keep)
    assert restarted.cell_of(slug="ada") == "us-aws-1"
    assert "older" in str(restarted.last_error)


@pytest.mark.parametrize("content", [b"", b"rubbish", b"{}\n", b"half"])
def test_a_copy_that_is_spoilt_is_not_served_but_replaced(store: Path, tmp_path: Path, content: bytes) -> None:
    keep = tmp_path / "registry.kept"
    Registry.open(store, keep=keep)
    keep.write_bytes(keep.read_bytes()[:-50] if content == b"half" else content)
    with pytest.raises(Failure, match="cannot be read"):
        Registry.open(tmp_path / "nowhere", keep=keep)
    assert Registry.open(store, keep=keep).last_error is None
    assert Registry.open(tmp_path / "nowhere", keep=keep).cell_of(slug="ada") == "us-aws-1"


def test_a_copy_that_cannot_be_written_is_told_and_the_new_snapshot_taken(store: Path, tmp_path: Path) -> None:
    registry = Registry.open(store, keep=tmp_path / "no-folder" / "registry.kept")
    assert "no-folder" in str(registry.last_error)
    assert registry.cell_of(slug="ada") == "us-aws-1"


# --- where from ------------------------------------------------------------------------------------------------------


def test_folders_and_heads_are_named_by_path_or_url(store: Path) -> None:
    for source in (store, str(store), store / "head.json", str(store / "head.json"), store.as_uri()):
        assert Registry.open(source).cell_of(slug="ada") == "us-aws-1"
    with pytest.raises(Failure, match="cannot be read by http"):
        Registry.open("http://127.0.0.1/head.json")


class Store(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/moved"))
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def url(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The store behind HTTPS on this machine."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    monkeypatch.setenv("no_proxy", "*")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Store, directory=str(store))) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_head_and_its_shards_are_read_by_https(store: Path, url: str) -> None:
    registry = Registry.open(f"{url}/head.json")
    assert registry.cell_of(slug="countess", as_of=ALIASES[0][2]) == "us-aws-1"
    (store / "head.json").unlink()
    assert not registry.refresh()
    assert "404" in str(registry.last_error)
    assert registry.cell_of(slug="ada") == "us-aws-1"


def test_no_redirect_is_followed(url: str) -> None:
    with pytest.raises(Failure, match="302"):
        Registry.open(f"{url}/moved/head.json")

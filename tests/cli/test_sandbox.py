"""`cellfleet sandbox` as a person types it: it starts, tells a shell of itself, drifts, fails on request and stops."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import process
from sandbox.books import Books
from tests.checkout import COMMAND, Checkout
from tests.engine.tiny import environment_of_engine

pytestmark = pytest.mark.xdist_group("up")
STACK = "cell-us-k8s-1"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """One cell that stands, in a folder whose name a shell would take apart; tests put back what they change."""
    made = Checkout.make(tmp_path_factory.mktemp("sandbox") / "it's $HOME")
    made.report("up", STACK, "--yes")
    yield made
    made.close()


def ended(checkout: Checkout, *arguments: str, code: int = 0) -> tuple[str, str]:
    """The stdout and stderr of a `cellfleet sandbox` command that ended with `code`."""
    got, out, err = checkout.run("sandbox", *arguments)
    assert got == code, err + out
    assert "Traceback" not in err
    return out, err


def test_it_starts_once_and_stops_once(tmp_path: Path) -> None:
    own = Checkout(tmp_path)
    try:
        assert ended(own, "status", code=1)[0] == "no sandbox runs in .cellfleet/sandbox\n"
        assert ended(own, "stop")[0] == "not running\n"
        assert list(tmp_path.iterdir()) == [], "asking leaves nothing behind"
        started, _ = ended(own, "start")
        assert started.startswith("sandbox ")
        assert "aws on " in started
        assert ended(own, "start")[0] == started, "the same process, on the same ports"
        assert ended(own, "status")[0].startswith(f"{started}aws: 0 resources\n")
        assert ended(own, "stop")[0] == "stopped\n"
        assert ended(own, "stop")[0] == "not running\n"
        assert process.running(own.sandbox) is None
    finally:
        own.close()


def test_a_shell_that_evaluates_env_has_plain_pulumi_use_the_sandbox(checkout: Checkout) -> None:
    script = 'eval "$("$@")" && env -0 && pulumi stack ls --all --json >&2'
    command = (*COMMAND, "sandbox", "env")
    shell = subprocess.run(
        ["sh", "-euc", script, "sh", *command],
        cwd=checkout.folder, env=environment_of_engine(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    got = dict(line.split("=", 1) for line in shell.stdout.split("\0") if line)
    assert got.items() >= process.environment(checkout.sandbox).items()
    assert "it's $HOME" in got["PULUMI_HOME"]
    assert [stack["name"].rpartition("/")[2] for stack in json.loads(shell.stderr)] == [STACK]


def test_books_list_what_stands_and_show_one_thing_of_it(checkout: Checkout) -> None:
    listed = ended(checkout, "books", "core/v1:Service")[0].splitlines()
    assert [line.rpartition("::")[2] for line in listed] == ["us-k8s-1-front"]
    account, id_, urn = listed[0].split("  ")
    shown = json.loads(ended(checkout, "books", urn)[0])
    assert account == "onprem-us-1"
    assert (shown["account"], shown["id"], shown["urn"]) == (account, id_, urn)
    assert shown["inputs"]["metadata"]["name"] == "front"
    assert ended(checkout, "books", "no such thing")[0] == ""


def test_what_was_made_twice_ends_with_1(checkout: Checkout) -> None:
    assert ended(checkout, "books", "--duplicates")[0] == ""
    with Books(checkout.sandbox) as books:
        (service,) = books.all(matching="us-k8s-1-front")
        again = replace(service, id="another", claim=None, at=service.at + 1)
        with books.transaction():
            books.write(again)
        try:
            assert ended(checkout, "books", "--duplicates", code=1)[0] == f"{service.urn}  {service.id} another\n"
        finally:
            with books.transaction():
                books.remove(again)


def test_what_somebody_did_with_a_console_is_seen_by_drift_and_mended_by_up(checkout: Checkout) -> None:
    before = checkout.made()
    told, _ = ended(
        checkout, "drift", "us-k8s-1-data-limits", "metadata.labels.team=nobody", 'metadata.labels["a.io/b"]='
    )
    assert told.endswith('::us-k8s-1-data-limits: metadata.labels.team, metadata.labels["a.io/b"]\n')
    assert ended(checkout, "drift", "us-k8s-1-front", "--gone")[0].endswith("::us-k8s-1-front: gone\n")

    (stack,) = checkout.report("drift", STACK, code=7)["stacks"]
    seen = {change["urn"].rpartition("::")[2]: change["kind"] for change in stack["changes"]}
    assert seen == {"us-k8s-1-data-limits": "update", "us-k8s-1-front": "delete"}
    checkout.report("up", STACK, "--yes", "--refresh")
    checkout.report("drift", STACK)
    assert checkout.made() == before


def test_faults_are_listed_until_they_are_cleared(checkout: Checkout) -> None:
    told = ended(checkout, "fault", "add", "--type", "kubernetes:core/*", "--cell", "us-k8s-1", "--kind", "throttle")[1]
    assert told == "throttle, 1 times, for kubernetes:core/* of us-k8s-1\n"
    ended(checkout, "fault", "add", "--kind", "latency", "--times", "3", "--seconds", "0.5")
    listed, _ = ended(checkout, "fault", "list")
    assert [line.split("  ")[1:] for line in listed.splitlines()] == [
        ["throttle", "kubernetes:core/*", "us-k8s-1", "1 times"],
        ["latency", "*", "any cell", "3 times"],
    ]
    ended(checkout, "fault", "clear")
    assert ended(checkout, "fault", "list")[0] == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("fault", "add"), "--kind"),
        (("fault", "add", "--kind", "flood"), '"throttle", "fail"'),
        (("fault", "add", "--kind", "fail", "--times", "0"), "--times"),
        (("fault", "add", "--kind", "fail", "--times", "often"), "--times"),
        (("fault", "add", "--kind", "latency", "--seconds", "-1"), "--seconds"),
        (("fault", "add", "--kind", "fail", "--type", "aws:rds/cluster"), "would never go wrong"),
        (("drift", "us-k8s-1-front"), "say what changes"),
        (("drift", "us-k8s-1-front", "spec.type=NodePort", "--gone"), "say what changes"),
        (("drift", "us-k8s-1-front", "spec.type"), "'spec.type' is not of the form path=value"),
        (("drift", "us-k8s-1-frnt", "--gone"), "nothing with the URN, id or name 'us-k8s-1-frnt'"),
        (("drift", "us-k8s-1-front", "specs.type=NodePort"), "has no property 'specs'"),
        (("drift", "us-k8s-1-front", "spec.ports[7].port=1"), "there is no 7 in"),
        (("quota", "aws/elastic-ip"), "there is no quota 'aws/elastic-ip'"),
        (("quota", "aws/elastic-ips", "--grant", "-1"), "--grant"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_sentences(
    checkout: Checkout, arguments: tuple[str, ...], told: str
) -> None:
    out, err = ended(checkout, *arguments, code=2)
    assert out == ""
    assert told in " ".join(err.split())
    with Books(checkout.sandbox) as books:
        assert books.query("SELECT * FROM faults") == []


@pytest.mark.parametrize("verb", [("env",), ("books",), ("drift", "x", "--gone"), ("fault", "list"), ("quota",)])
def test_a_folder_where_none_was_started_is_named_and_left_alone(
    checkout: Checkout, tmp_path: Path, verb: tuple[str, ...]
) -> None:
    elsewhere = tmp_path / "typo"
    out, err = ended(checkout, *verb, "--dir", str(elsewhere), code=1)
    assert out == ""
    assert str(elsewhere) in err
    assert "cellfleet sandbox start" in err
    assert not elsewhere.exists()


def test_a_folder_that_cannot_be_made_is_a_sentence(checkout: Checkout) -> None:
    _, err = ended(checkout, "start", "--dir", "cells.yaml", code=1)
    assert "cannot keep its books in" in err


def test_a_stop_that_wipes_forgets_what_stood(tmp_path: Path) -> None:
    own = Checkout(tmp_path)
    ended(own, "stop", "--wipe")
    assert list(tmp_path.iterdir()) == []
    with Books(own.sandbox) as books:
        books.query("INSERT INTO faults (type, times) VALUES ('*', 1)")
    assert ended(own, "stop", "--wipe")[0] == "not running\n"
    with Books(own.sandbox) as books:
        assert books.query("SELECT * FROM faults") == []

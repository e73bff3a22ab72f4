from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from cellfleet.failure import Failure
from sandbox import process
from tests.sandbox.calls import Api

VPC = "aws:ec2/vpc:Vpc"


@pytest.fixture
def own(tmp_path: Path):
    """A sandbox of the test's own, to kill."""
    folder = tmp_path / "sandbox"
    yield folder
    process.stop(folder)


def test_a_second_start_finds_the_first_and_a_stop_ends_it(own: Path) -> None:
    first = process.start(own)
    assert process.start(own) == first
    url = f"file://{own.parent / 'state'}?create_dir=true&metadata=skip"
    assert process.environment(own)["PULUMI_BACKEND_URL"] == url
    assert process.stop(own)
    assert process.running(own) is None
    assert not process.stop(own)
    with pytest.raises(Failure, match="no sandbox runs"):
        process.environment(own)


def test_after_kill_9_the_next_one_has_the_same_ports_and_the_same_books(own: Path) -> None:
    first = process.start(own)
    with Api(own) as api:
        vpc, _ = api.connect("aws").create(VPC, "v", {"cidrBlock": "10.0.0.0/16"})
    os.kill(first.pid, signal.SIGKILL)
    while process.started_at(first.pid) is not None:
        time.sleep(0.01)
    second = process.start(own)
    assert second.pid != first.pid
    assert second.ports == first.ports
    with Api(own) as api:
        assert api.connect("aws").read(VPC, "v", vpc)[0] == vpc


def test_a_process_that_has_taken_over_the_id_is_not_the_sandbox(own: Path) -> None:
    own.mkdir()
    someone = {"pid": os.getpid(), "started_at": 1, "ports": {"aws": 1}}
    (own / "server.json").write_text(json.dumps(someone))
    assert process.running(own) is None
    assert not process.stop(own)
    assert process.start(own).pid != os.getpid()

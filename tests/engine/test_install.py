"""How the Pulumi CLI is found and got; what is on PATH here are scripts that stand for the tools."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pulumi.automation import PulumiCommand

from cellfleet.engine import install
from cellfleet.failure import Failure
from tests.engine.tiny import ROOT


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it but what a test puts there, and no way to Pulumi's site."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def unreachable(**_: object) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setattr(PulumiCommand, "install", unreachable)
    return folder


def tool(file: Path, script: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def checkout(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/go.mod").write_text((ROOT / "tools/go.mod").read_text())
    return tmp_path


def go(path: Path, log: Path) -> None:
    """A `go` that builds a CLI of the version that it is told."""
    tool(
        path / "go",
        f"""echo "$@" >> {log}
echo github.com/pulumi/pulumi/sdk/v3 >&2
while [ "$1" != -o ]; do case "$1" in *Version=*) version="${{1##*=}}";; esac; shift; done
printf '#!/bin/sh\\necho v%s\\n' "$version" > "$2"; chmod +x "$2" """,
    )


def test_the_one_on_path_is_taken_before_the_built_one(path: Path, tmp_path: Path) -> None:
    tool(tmp_path / ".cellfleet/bin/pulumi", "echo v3.259.0")
    assert install.find(tmp_path).origin == "`cellfleet engine install` put it there"
    on_path = tool(path / "pulumi", "echo v3.300.1")
    found = install.find(tmp_path)
    assert (found.executable, str(found.version), found.origin) == (on_path, "3.300.1", "it is on PATH")


def test_a_wrong_version_is_a_sentence_and_passed_over(path: Path, tmp_path: Path) -> None:
    tool(path / "pulumi", "echo v3.100.0")
    with pytest.raises(Failure, match=r"version 3\.259\.0 or later.*pulumi is version 3\.100\.0") as refused:
        install.find(tmp_path)
    assert "cellfleet engine install" in refused.value.remedy
    tool(tmp_path / ".cellfleet/bin/pulumi", "echo v3.259.0")
    assert install.find(tmp_path).executable == tmp_path / ".cellfleet/bin/pulumi"


def test_where_the_installer_fails_the_pinned_module_is_built_once(path: Path, tmp_path: Path) -> None:
    root, log, said = checkout(tmp_path), tmp_path / "go.log", list[str]()
    go(path, log)
    threads = [threading.Thread(target=install.install, args=(root, said.append)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert str(install.find(root).version) == str(install.pinned(root)) == "3.259.0"
    assert len(log.read_text().splitlines()) == 1, "the second waits for the first, and finds what it made"
    told = "\n".join(said)
    assert "Pulumi's installer did not work (Network is unreachable), so the CLI is built from its Go module." in told
    assert "Another process is installing the engine" in told
    assert [file.name for file in (root / ".cellfleet/bin").iterdir()] == ["pulumi"]


def test_without_go_one_is_told_what_to_install(path: Path, tmp_path: Path) -> None:
    assert path.exists()
    with pytest.raises(Failure, match="there is no `go` on PATH") as refused:
        install.install(checkout(tmp_path), lambda _: None)
    assert "https://go.dev/doc/install" in refused.value.remedy


def test_a_build_that_fails_shows_gos_last_words_and_leaves_nothing(path: Path, tmp_path: Path) -> None:
    tool(path / "go", "echo 'go: module lookup disabled' >&2; exit 1")
    with pytest.raises(Failure, match="go: module lookup disabled"):
        install.install(checkout(tmp_path), lambda _: None)
    assert list((tmp_path / ".cellfleet/bin").iterdir()) == []

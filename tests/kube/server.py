"""A real Kubernetes control plane on 127.0.0.1: etcd, kube-apiserver and kube-controller-manager, with no nodes.

The controller manager is there for namespaces, quotas and service accounts, which pods' admission asks for. Nothing
runs: objects are judged, most of them in a dry run.
"""

from __future__ import annotations

import json
import secrets
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_READY_SECONDS = 120
_CONTROLLERS = (
    "namespace-controller",
    "serviceaccount-controller",
    "root-ca-certificate-publisher-controller",
    "resourcequota-controller",
)


@dataclass(frozen=True, slots=True)
class RefusedError(Exception):
    """What the server says no with."""

    status: int
    reason: str
    message: str

    def __str__(self) -> str:
        return f"{self.status} {self.reason}: {self.message}"


@dataclass(frozen=True, slots=True)
class Server:
    """A running API server, asked as its administrator."""

    url: str
    token: str
    trust: ssl.SSLContext

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, patch: bool = False) -> Any:
        """The answer's object. Raises RefusedError with the server's own words."""
        kind = "application/apply-patch+yaml" if patch else "application/json"
        request = urllib.request.Request(
            f"{self.url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": kind},
        )
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self.trust)
        )
        try:
            with opener.open(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                said = json.loads(error.read() or b"{}")
            raise RefusedError(error.code, said.get("reason", ""), said.get("message", "")) from None

    def apply(self, path: str, body: Mapping[str, Any], *, dry: bool) -> Any:
        """Server-side apply, as Pulumi does it; with unknown and duplicate fields refused."""
        run = "&dryRun=All" if dry else ""
        return self.ask("PATCH", f"{path}?fieldManager=cellfleet&fieldValidation=Strict{run}", body, patch=True)


def start(binaries: Path, folder: Path, until: ExitStack) -> Server:
    """Start the three, whose state is in `folder`; they are stopped when `until` is closed."""
    etcd, peer, api = _free_ports(3)
    keys = folder / "keys"
    keys.mkdir()
    signing = keys / "service-accounts.key"
    subprocess.run(["openssl", "genrsa", "-out", signing, "2048"], check=True, capture_output=True)
    subprocess.run(
        ["openssl", "rsa", "-in", signing, "-pubout", "-out", f"{signing}.pub"], check=True, capture_output=True
    )
    token = secrets.token_hex(16)
    (keys / "tokens.csv").write_text(f'{token},administrator,1,"system:masters"\n')
    members = f"http://127.0.0.1:{peer}"
    _spawn(
        [
            binaries / "etcd",
            f"--data-dir={folder / 'etcd'}",
            f"--listen-client-urls=http://127.0.0.1:{etcd}",
            f"--advertise-client-urls=http://127.0.0.1:{etcd}",
            f"--listen-peer-urls={members}",
            f"--initial-advertise-peer-urls={members}",
            f"--initial-cluster=default={members}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ],
        folder / "etcd.log",
        until,
    )
    server = _spawn(
        [
            binaries / "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{etcd}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={api}",
            f"--cert-dir={keys}",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--endpoint-reconciler-type=none",
            f"--token-auth-file={keys / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--anonymous-auth=false",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={signing}.pub",
            f"--service-account-signing-key-file={signing}",
        ],
        folder / "apiserver.log",
        until,
    )
    certificate = keys / "apiserver.crt"
    _wait(server, folder / "apiserver.log", certificate.exists)
    running = Server(f"https://127.0.0.1:{api}", token, ssl.create_default_context(cafile=str(certificate)))
    _wait(server, folder / "apiserver.log", lambda: _answers(running, "/api/v1/namespaces/default"))
    kubeconfig = folder / "kubeconfig.json"
    kubeconfig.write_text(json.dumps(_kubeconfig(running, certificate)))
    manager = _spawn(
        [
            binaries / "kube-controller-manager",
            f"--kubeconfig={kubeconfig}",
            "--leader-elect=false",
            "--secure-port=0",
            f"--controllers={','.join(_CONTROLLERS)}",
            f"--root-ca-file={certificate}",
        ],
        folder / "controllers.log",
        until,
    )
    _wait(
        manager,
        folder / "controllers.log",
        lambda: _answers(running, "/api/v1/namespaces/default/serviceaccounts/default"),
    )
    return running


def _answers(server: Server, path: str) -> bool:
    try:
        server.ask("GET", path)
    except (RefusedError, OSError, ValueError):
        return False
    return True


def _kubeconfig(server: Server, certificate: Path) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "here", "cluster": {"server": server.url, "certificate-authority": str(certificate)}}],
        "users": [{"name": "administrator", "user": {"token": server.token}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "administrator"}}],
        "current-context": "here",
    }


def _spawn(command: list[Any], log: Path, until: ExitStack) -> subprocess.Popen[bytes]:
    output = until.enter_context(log.open("wb"))
    process = subprocess.Popen(list(map(str, command)), stdout=output, stderr=subprocess.STDOUT)
    until.callback(_stop, process)
    return process


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], log: Path, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise RuntimeError(f"{log.stem} did not get ready:\n{tail}")
        time.sleep(0.1)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]

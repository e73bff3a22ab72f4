"""Calls to the sandbox as the engine makes them, for what needs no engine to be seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox import process
from sandbox.wire import Values, plain, struct

ACCOUNTS = {
    "aws": {"region": "us-west-2", "allowedAccountIds": '["111111111111"]'},
    "gcp": {"project": "acme-us-gcp-1", "region": "us-central1"},
    "azure-native": {"subscriptionId": "33333333-3333-4333-8333-333333333333"},
    "kubernetes": {"context": "onprem-us-1"},
}


@dataclass
class Api:
    """Connections to the sandbox's providers, one an account."""

    folder: Path
    _channels: list[grpc.Channel] = field(default_factory=list)

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_: object) -> None:
        for channel in self._channels:
            channel.close()

    def connect(self, sdk: str, **arguments: Any) -> Account:
        running = process.running(self.folder)
        assert running is not None
        channel = grpc.insecure_channel(
            f"127.0.0.1:{running.ports[sdk]}", options=[("grpc.use_local_subchannel_pool", 1)]
        )
        self._channels.append(channel)
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(args=struct({**ACCOUNTS[sdk], **arguments})))
        return Account(stub)


@dataclass(frozen=True)
class Account:
    """One configured provider."""

    stub: Any

    def check(self, token: str, name: str, inputs: Values, before: Values | None = None) -> tuple[Values, list[str]]:
        """The inputs with what the provider adds, and what it would say is wrong with them."""
        answer = self.stub.Check(
            provider_pb2.CheckRequest(urn=urn(token, name), type=token, news=struct(inputs), olds=struct(before or {}))
        )
        return plain(answer.inputs), [f"{each.property}: {each.reason}" for each in answer.failures]

    def diff(self, token: str, old: Values, new: Values) -> Any:
        return self.stub.Diff(
            provider_pb2.DiffRequest(
                urn=urn(token, "x"), type=token, id="x", old_inputs=struct(old), news=struct(new), olds=struct(old)
            )
        )

    def create(self, token: str, name: str, inputs: Values) -> tuple[str, Values]:
        """The id and the outputs of something new, after a check."""
        checked, problems = self.check(token, name, inputs)
        assert not problems
        answer = self.stub.Create(
            provider_pb2.CreateRequest(urn=urn(token, name), type=token, properties=struct(checked))
        )
        return answer.id, plain(answer.properties)

    def delete(self, token: str, name: str, id_: str, inputs: Values) -> None:
        self.stub.Delete(
            provider_pb2.DeleteRequest(urn=urn(token, name), type=token, id=id_, old_inputs=struct(inputs))
        )

    def read(self, token: str, name: str, id_: str) -> tuple[str, Values]:
        answer = self.stub.Read(provider_pb2.ReadRequest(urn=urn(token, name), type=token, id=id_))
        return answer.id, plain(answer.properties)


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:cell-us-aws-1::acme-production::{token}::{name}"

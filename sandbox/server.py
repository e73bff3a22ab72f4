"""The providers that the engine talks to: one servicer an SDK, over the same books.

Each explicit provider of a program has a connection of its own, on which the engine configures it first; so the account
and region of a call are those of the connection that it comes on.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent import futures
from dataclasses import replace
from typing import Any, Final, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from sandbox import difference, faults, naming, outputs, quotas, types
from sandbox.books import Books, ClaimedError, Made, Place
from sandbox.cloud import Cloud, Connection, Draft, RefusedError, prefixed
from sandbox.faults import FaultKind
from sandbox.inputs import check
from sandbox.wire import Values, is_unknown, opened, plain, struct, unveiled, veiled

THREADS: Final = 32
_LARGEST_MESSAGE: Final = 400 * 1024 * 1024
_KILLED: Final = 9


def serve(
    clouds: Mapping[str, Cloud], books: Books, ports: Mapping[str, int]
) -> tuple[list[grpc.Server], dict[str, int]]:
    """Start a server a cloud, on the port asked for where that is free; return them with the ports they have."""
    servers, bound = [], {}
    for sdk, cloud in clouds.items():
        server = grpc.server(
            futures.ThreadPoolExecutor(THREADS),
            options=[("grpc.max_receive_message_length", _LARGEST_MESSAGE), ("grpc.so_reuseport", 0)],
        )
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(cloud, books), server)
        bound[sdk] = _bind(server, ports.get(sdk, 0))
        server.start()
        servers.append(server)
    return servers, bound


def _bind(server: grpc.Server, port: int) -> int:
    if port:
        try:
            return int(server.add_insecure_port(f"127.0.0.1:{port}"))
        except RuntimeError:
            pass  # somebody else's by now
    return int(server.add_insecure_port("127.0.0.1:0"))


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One SDK's provider."""

    def __init__(self, cloud: Cloud, books: Books) -> None:
        self._cloud = cloud
        self._books = books
        self._connections: dict[str, Connection] = {}
        self._lock = threading.Lock()

    # --- the provider itself ---------------------------------------------------------------------------------------

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002 (the names are gRPC's)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        return plugin_pb2.PluginInfo(version=_version(self._cloud.sdk))

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        return provider_pb2.GetSchemaResponse(schema="{}")

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        found = check(f"pulumi:providers:{self._cloud.sdk}", plain(request.news))
        return provider_pb2.CheckResponse(inputs=request.news, failures=[_failure(each) for each in found])

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Another account is another provider: everything that is in the one must be made anew in the other."""
        old, new = opened(plain(request.old_inputs)), opened(plain(request.news))
        changed = [path for path, _ in difference.changes(old, new)]
        if not changed:
            return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)
        moved = [] if is_unknown(new) or self._same_account(old, new) else changed
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_SOME, diffs=changed, replaces=moved)

    def _same_account(self, old: Values, new: Values) -> bool:
        try:
            return self._cloud.connect(old).account == self._cloud.connect(new).account
        except RefusedError:
            return True

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        try:
            connection = self._cloud.connect(opened(plain(request.args)))
        except RefusedError as refused:
            _abort(context, grpc.StatusCode.INVALID_ARGUMENT, str(refused))
        with self._lock:
            self._connections[context.peer()] = connection
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    # --- its resources ---------------------------------------------------------------------------------------------

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        token, news = request.type, plain(request.news)
        found = check(token, news)
        if not any(not each.path for each in found) and (names := self._cloud.naming(token)):
            news, bad = naming.named(
                names, news, plain(request.olds), request.urn, request.randomSeed or os.urandom(16)
            )
            found += bad
        return provider_pb2.CheckResponse(inputs=struct(news), failures=[_failure(each) for each in found])

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        token = request.type
        old = opened(plain(request.old_inputs))
        new = opened(plain(request.news))
        ignored = set(request.ignoreChanges)
        changed = {path: kind for path, kind in difference.changes(old, new) if difference.root_of(path) not in ignored}
        in_place = self._cloud.in_place(token, old, self._connection(context))
        anew = {
            path
            for path in changed
            if self._cloud.replaces(token, of := difference.property_of(path)) and not prefixed(of, in_place)
        }
        kept_name = not naming.is_made_up(self._cloud.naming(token), new)
        response = provider_pb2.DiffResponse
        return response(
            changes=response.DIFF_SOME if changed else response.DIFF_NONE,
            diffs=sorted({difference.root_of(path) for path in changed}),
            replaces=sorted({difference.root_of(path) for path in anew}),
            detailedDiff={
                path: provider_pb2.PropertyDiff(kind=_KINDS[kind, path in anew], inputDiff=True)
                for path, kind in changed.items()
            },
            hasDetailedDiff=True,
            deleteBeforeReplace=bool(anew) and kept_name and self._stands_in_its_own_way(token, old, new),
        )

    def _stands_in_its_own_way(self, token: str, old: Values, new: Values) -> bool:
        """Whether the successor would have the name that its predecessor still has."""
        names = self._cloud.naming(token)
        return naming.physical_name(names, old, "") == naming.physical_name(names, new, "")

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        inputs = plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=struct(outputs.foreseen(self._cloud, request.type, inputs)))
        connection = self._connection(context)
        met = self._meet_faults(context, request.type, request.urn, "create")
        try:
            made, given = self._make(connection, request.type, request.urn, inputs)
        except RefusedError as refused:
            _abort(context, grpc.StatusCode.FAILED_PRECONDITION, f"creating {request.type}: {refused}")
        if FaultKind.DIE_AFTER_CREATE in met:
            os._exit(_KILLED)
        return provider_pb2.CreateResponse(id=made.id, properties=struct(given))

    def _make(self, connection: Connection, token: str, urn: str, inputs: Values) -> tuple[Made, Values]:
        open_inputs = opened(inputs)
        place = self._cloud.place(token, open_inputs, connection)
        with self._books.transaction():
            quotas.enforce(self._books, self._cloud.sdk, token, place, open_inputs)
            seed = hashlib.sha256(f"{urn}#{self._books.next_making(urn)}".encode()).hexdigest()
            draft = self._draft(connection, token, urn, open_inputs, place, seed)
            given = outputs.made_up(self._cloud, draft, inputs)
            made = self._entry(draft, inputs, given, time.time())
            if found := self._books.get(made.sdk, place.realm, token, made.id):
                if token in self._cloud.ensured:
                    return found, given
                raise RefusedError(self._taken(draft))
            try:
                self._books.write(made)
            except ClaimedError:
                raise RefusedError(self._taken(draft)) from None
        return made, given

    def _draft(
        self, connection: Connection, token: str, urn: str, inputs: Values, place: Place, seed: str, id_: str = ""
    ) -> Draft:
        region = place.location or connection.region
        logical = urn.rsplit("::", 1)[-1]
        name = naming.physical_name(self._cloud.naming(token), inputs, logical)
        draft = Draft(token, urn, inputs, place, region, seed, name, id_, self._beside(place))
        return replace(draft, id=id_ or self._cloud.identify(draft))

    def _beside(self, place: Place) -> Callable[[str], Sequence[Made]]:
        return lambda token: self._books.of_type(self._cloud.sdk, place.account, token)

    def _entry(self, draft: Draft, inputs: Values, given: Values, at: float) -> Made:
        """What the books say of it: nothing of a secret but a digest."""
        claim = self._cloud.claim(draft.token)
        return Made(
            sdk=self._cloud.sdk,
            type=draft.token,
            id=draft.id,
            urn=draft.urn,
            place=draft.place,
            seed=draft.seed,
            claim=outputs.filled(claim, draft) if claim else None,
            inputs=veiled(inputs, self._books.veil),
            outputs=veiled(given, self._books.veil),
            at=at,
        )

    def _taken(self, draft: Draft) -> str:
        said = self._cloud.taken.get(draft.token)
        return str(outputs.filled(said, draft)) if said else f"AlreadyExists: {draft.id} already exists"

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        known_inputs, known = plain(request.inputs), plain(request.properties)
        made = self._find(self._connection(context), request.type, request.id, opened(known_inputs) or opened(known))
        if made is None:
            return provider_pb2.ReadResponse()
        inputs = unveiled(dict(made.inputs), known_inputs, self._books.veil)
        given = unveiled(dict(made.outputs), known, self._books.veil)
        return provider_pb2.ReadResponse(id=made.id, inputs=struct(inputs), properties=struct(given))

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        inputs, before = plain(request.news), plain(request.olds)
        if request.preview:
            expected = outputs.foreseen_after(request.type, inputs, plain(request.old_inputs), before)
            return provider_pb2.UpdateResponse(properties=struct(expected))
        connection = self._connection(context)
        self._meet_faults(context, request.type, request.urn, "update")
        made = self._find(connection, request.type, request.id, opened(plain(request.old_inputs) or before))
        if made is None:
            _abort(
                context, grpc.StatusCode.NOT_FOUND, f"updating {request.type}: NotFound: {request.id} does not exist"
            )
        draft = self._draft(connection, made.type, request.urn, opened(inputs), made.place, made.seed, made.id)
        given = outputs.made_up(self._cloud, draft, inputs)
        with self._books.transaction():
            self._books.write(self._entry(draft, inputs, given, made.at))
        return provider_pb2.UpdateResponse(properties=struct(given))

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        self._meet_faults(context, request.type, request.urn, "delete")
        known = opened(plain(request.old_inputs) or plain(request.properties))
        made = self._find(self._connection(context), request.type, request.id, known)
        if made is not None:
            with self._books.transaction():
                refusal = self._cloud.keeps(made, self._books)
                if refusal is None and (made.urn == request.urn or request.type not in self._cloud.ensured):
                    self._books.remove(made)
            if refusal is not None:
                _abort(context, grpc.StatusCode.FAILED_PRECONDITION, f"deleting {request.type}: {refusal}")
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Look a thing up by the arguments that name it, among what the books hold; programs have little need of it."""
        wanted = {name: value for name, value in opened(plain(request.args)).items() if value is not None}
        connection = self._connection(context)
        if function := self._cloud.functions.get(request.tok):
            try:
                return _returned(function(wanted, connection, self._books))
            except RefusedError as refused:
                _abort(context, grpc.StatusCode.NOT_FOUND, f"invoking {request.tok}: {refused}")
        kind = request.tok.rsplit(":", 1)[-1].removeprefix("get").lower()
        for made in self._books.all(sdk=self._cloud.sdk):
            held = {**made.inputs, **made.outputs, "id": made.id}
            if (
                made.place.account == connection.account
                and made.type.rsplit(":", 1)[-1].lower() == kind
                and all(_same(held.get(name), value) for name, value in wanted.items() if name in held)
            ):
                return _returned(held)
        return _abort(context, grpc.StatusCode.NOT_FOUND, f"invoking {request.tok}: nothing matches {wanted}")

    # --- what they share -------------------------------------------------------------------------------------------

    def _connection(self, context: Any) -> Connection:
        connection = self._connections.get(context.peer())
        if connection is None:
            _abort(
                context,
                grpc.StatusCode.UNAVAILABLE,
                "the sandbox was restarted: this provider must be configured again",
            )
        return connection

    def _find(self, connection: Connection, token: str, id_: str, known: Values) -> Made | None:
        place = self._cloud.place(token, known, connection)
        return self._books.get(self._cloud.sdk, place.realm, token, id_)

    def _meet_faults(self, context: Any, token: str, urn: str, operation: str) -> set[FaultKind]:
        met = faults.due(self._books, token, urn, operation)
        for fault in met:
            match fault.kind:
                case FaultKind.LATENCY:
                    time.sleep(fault.seconds)
                case FaultKind.THROTTLE:
                    _abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, f"{token}: ThrottlingException: Rate exceeded")
                case FaultKind.FAIL:
                    _abort(
                        context,
                        grpc.StatusCode.INTERNAL,
                        f"{token}: InternalFailure: the request failed; try again later",
                    )
                case FaultKind.DIE_BEFORE_CREATE:
                    os._exit(_KILLED)
                case FaultKind.DIE_AFTER_CREATE:
                    pass  # once it is made
        return {fault.kind for fault in met}


_KINDS: Final = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


def _returned(values: Values) -> Any:
    fields: dict[str, Any] = {"return": struct(values)}  # no word of Python's to give it by
    return provider_pb2.InvokeResponse(**fields)


def _failure(problem: Any) -> Any:
    return provider_pb2.CheckFailure(property=problem.path, reason=problem.reason)


def _abort(context: Any, code: grpc.StatusCode, message: str) -> NoReturn:
    context.abort(code, message)
    raise AssertionError("abort raises")


def _same(one: Any, other: Any) -> bool:
    return str(one).rstrip(".") == str(other).rstrip(".")


def _version(sdk: str) -> str:
    return importlib.metadata.version(types.SDKS[sdk].replace("_", "-"))

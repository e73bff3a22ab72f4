"""A router's files, and how they come into its pods: one folder, projected from ConfigMaps and Secrets.

| from | holds | a change |
|---|---|---|
| ConfigMap `bootstrap-<digest>` | `envoy.json` | has another name, so pods are replaced |
| ConfigMap `configuration` | all other files, but for a map that is too large | is taken up by running pods |
| ConfigMaps `map-00`, `map-01`, … | two files each of such a map | likewise, once `configuration` follows |
| Secrets of the certificates and of the tenants' key | `certificates/`, `client/`, `key/` | likewise |

The kubelet changes all that a pod has at once. It may still see a new `configuration` before a new part of the map:
Envoy then refuses it, keeps what it has, and takes it up when the rest is there. A pod that starts between the two is
not ready until both are there. A map of twice the size has twice the parts, and pods are replaced to have them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Final, Protocol

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.failure import Failure
from cellfleet.routing.placements import Placements

PUBLIC_CERTIFICATE: Final = "public-certificate"
"""The Secret (kubernetes.io/tls) for the public hosts."""
CLIENT_CERTIFICATE: Final = "client-certificate"
"""The Secret (kubernetes.io/tls) that cells let in."""
TENANT_KEY: Final = "tenant-key"
"""The Secret with what tenants of other localities are hashed with."""
MOST_BYTES: Final = 1_000_000
"""In one ConfigMap; the API server takes 1 MiB, names of files among them."""
_BOOTSTRAP: Final = "envoy.json"
_MAP: Final = "map-"
_READABLE: Final = 0o440
"""By root and by the pod's group."""

core = k8s.core.v1


class Metadata(Protocol):
    """Makes the metadata of an object of the router's."""

    def __call__(self, of: str, **annotations: str) -> k8s.meta.v1.ObjectMetaArgs: ...


def volume(
    name: str, metadata: Metadata, files: Mapping[str, str], placements: Placements, opts: pulumi.ResourceOptions
) -> tuple[k8s.core.v1.VolumeArgs, list[pulumi.Resource]]:
    """Keep the files in the cluster; the folder that has all of them, and what has to be there before a pod has it.

    Raises Failure where they do not fit.
    """
    bootstrap = f"bootstrap-{hashlib.sha256(files[_BOOTSTRAP].encode()).hexdigest()[:10]}"
    first = core.ConfigMap(
        f"{name}-bootstrap", metadata=metadata(bootstrap), data={_BOOTSTRAP: files[_BOOTSTRAP]}, opts=opts
    )
    made: list[pulumi.Resource] = [first]
    sources = [
        _from_config_map(bootstrap),
        _tls(PUBLIC_CERTIFICATE, "certificates"),
        _tls(CLIENT_CERTIFICATE, "client"),
    ]
    if placements.elsewhere:
        made.append(_tenant_key(name, metadata, placements.key.value, opts))
        sources.append(_from_secret(TENANT_KEY, {"key": "key/tenants"}))
    configuration, shards = _split({file: text for file, text in files.items() if file != _BOOTSTRAP})
    for slot, shard in enumerate(shards):
        # What tenants a locality has is nobody's to read in the state of its stack.
        content = pulumi.Output.secret(shard)
        part = f"{_MAP}{slot:02}"
        made.append(core.ConfigMap(f"{name}-{part}", metadata=metadata(part), data=content, opts=opts))
    after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[*made]))
    content = pulumi.Output.secret(configuration)
    made.append(core.ConfigMap(f"{name}-configuration", metadata=metadata("configuration"), data=content, opts=after))
    sources += [_from_config_map(f"{_MAP}{slot:02}") for slot in range(len(shards))]
    sources.append(_from_config_map("configuration"))
    projected = core.ProjectedVolumeSourceArgs(default_mode=_READABLE, sources=sources)
    return core.VolumeArgs(name="files", projected=projected), made


def parts(files: Mapping[str, str], name: str) -> dict[str, dict[str, str]]:
    """The files as ConfigMaps by name: one, or one a file where they do not fit into one.

    Raises Failure for a file that fits into none.
    """
    if _size(files) <= MOST_BYTES:
        return {name: dict(files)}
    for file, text in files.items():
        _fitting({file: text})
    return {f"{name}-{position:02}": {file: text} for position, (file, text) in enumerate(files.items())}


def _split(files: Mapping[str, str]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """What is taken up as one, and the parts of the map that go before it."""
    if _size(files) <= MOST_BYTES:
        return dict(files), []
    configuration = {file: text for file, text in files.items() if not file.startswith(_MAP)}
    shards = [(file, text) for file, text in files.items() if file.startswith(_MAP)]
    pairs = [dict(shards[first : first + 2]) for first in range(0, len(shards), 2)]
    for part in (configuration, *pairs):
        _fitting(part)
    return configuration, pairs


def _size(files: Mapping[str, str]) -> int:
    return sum(len(text.encode()) + len(file) for file, text in files.items())


def _fitting(files: Mapping[str, str]) -> None:
    if _size(files) > MOST_BYTES:
        largest = max(files, key=lambda file: len(files[file]))
        raise Failure(
            f"{', '.join(files)} have {_size(files):,} bytes, and a ConfigMap holds {MOST_BYTES:,}.",
            f"{largest} is the largest: let the locality have fewer cells or routes.",
        )


def _tenant_key(name: str, metadata: Metadata, value: bytes, opts: pulumi.ResourceOptions) -> k8s.core.v1.Secret:
    content = pulumi.Output.secret({"key": base64.b64encode(value).decode()})
    return core.Secret(f"{name}-{TENANT_KEY}", metadata=metadata(TENANT_KEY), type="Opaque", data=content, opts=opts)


def _from_config_map(name: str) -> k8s.core.v1.VolumeProjectionArgs:
    return core.VolumeProjectionArgs(config_map=core.ConfigMapProjectionArgs(name=name))


def _tls(secret: str, folder: str) -> k8s.core.v1.VolumeProjectionArgs:
    return _from_secret(secret, {file: f"{folder}/{file}" for file in ("tls.crt", "tls.key")})


def _from_secret(name: str, paths: Mapping[str, str]) -> k8s.core.v1.VolumeProjectionArgs:
    items = [core.KeyToPathArgs(key=key, path=path) for key, path in paths.items()]
    return core.VolumeProjectionArgs(secret=core.SecretProjectionArgs(name=name, items=items))

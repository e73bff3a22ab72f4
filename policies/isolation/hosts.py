"""Hosts that resources name: in images, in what pods are told, in charts, and in objects that stand for a host.

A host is taken for one where something is connected to: an image's registry, the authority of a URL, a host and a
port, a bare name with a public ending. Of what else a program may hide in a text nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies.isolation.argument import mapping
from policies.isolation.pods import containers
from policies.resource import Resource

_LABEL: Final = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_NAME: Final = rf"(?:{_LABEL}\.)+[a-zA-Z]{{2,63}}"
_ADDRESS: Final = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
_URL: Final = re.compile(rf"[a-z][a-z0-9+.-]*://(?:[^/@\s]*@)?(?P<host>{_NAME}|{_ADDRESS})")
_BARE: Final = re.compile(rf"(?P<host>{_NAME}|{_ADDRESS})(?::[0-9]{{1,5}})?\.?")
PUBLIC_IMAGES: Final = "docker.io"
"""Where an image comes from that names no host."""


def hosts(resource: Resource) -> Iterator[tuple[str, str]]:
    """The hosts that a resource depends on, each with the argument that names it."""
    for where, container in containers(resource):
        if isinstance(image := container.get("image"), str):
            yield f"{where}.image", registry(image)
        for variable in container.get("env") or []:
            if isinstance(variable, Mapping):
                yield from _in_text(f"{where}.env.{variable.get('name')}", variable.get("value"))
        for argument in (*(container.get("command") or ()), *(container.get("args") or ())):
            yield from _in_text(f"{where}.args", argument, bare=False)
    match resource.type:
        case "kubernetes:core/v1:ConfigMap":
            for name, text in mapping(resource.inputs.get("data")).items():
                yield from _in_text(f"data.{name}", text)
        case "kubernetes:core/v1:Service":
            spec = mapping(resource.inputs.get("spec"))
            if isinstance(external := spec.get("externalName"), str):
                yield "spec.externalName", external.rstrip(".")
        case "kubernetes:core/v1:Endpoints" | "kubernetes:discovery.k8s.io/v1:EndpointSlice":
            yield from _addresses(resource.inputs)
        case "kubernetes:helm.sh/v3:Release":
            yield from _in_text("chart", resource.inputs.get("chart"), bare=False)
            yield from _in_text("repositoryOpts.repo", mapping(resource.inputs.get("repositoryOpts")).get("repo"))
            yield from _images(resource.inputs.get("values"), "values")
        case kind if kind.startswith("kubernetes:") and not kind.startswith(_SPOKEN_OF):
            yield from _images(resource.inputs.get("spec"), "spec")


_SPOKEN_OF: Final = ("kubernetes:core/", "kubernetes:apps/", "kubernetes:batch/")
_IMAGES: Final = ("image", "imageName", "imageRegistry")
_CONNECTED: Final = ("server", "endpointURL", "hostname", "externalName", "url", "host")
"""Keys of custom resources and charts whose value is something that is connected to."""


def registry(image: str) -> str:
    """The host of an image's registry."""
    first, slash, _ = image.partition("/")
    return first if slash and (re.search(r"[.:]", first) or first == "localhost") else PUBLIC_IMAGES


def _images(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Images and hosts anywhere in a custom resource or a chart's values."""
    match value:
        case Mapping():
            for name, inner in value.items():
                where = f"{path}.{name}"
                if name in _IMAGES and isinstance(inner, str):
                    yield where, inner if name == "imageRegistry" else registry(inner)
                elif name in _CONNECTED and isinstance(inner, str):
                    yield from _in_text(where, inner)
                else:
                    yield from _images(inner, where)
        case list():
            for index, inner in enumerate(value):
                yield from _images(inner, f"{path}[{index}]")


def _in_text(path: str, text: Any, *, bare: bool = True) -> Iterator[tuple[str, str]]:
    if not isinstance(text, str):
        return
    if bare and (whole := _BARE.fullmatch(text.strip())):
        yield path, whole["host"].lower()
        return
    for found in _URL.finditer(text):
        yield path, found["host"].lower()


def _addresses(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for subset in inputs.get("subsets") or []:
        for address in mapping(subset).get("addresses") or []:
            yield "subsets.addresses", str(mapping(address).get("ip") or mapping(address).get("hostname"))
    for endpoint in inputs.get("endpoints") or []:
        for address in mapping(endpoint).get("addresses") or []:
            yield "endpoints.addresses", str(address)

"""The clouds that the sandbox stands in for, one module each, all of the same shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sandbox.cloud import Cloud
from sandbox.clouds import aws, azure, gcp, kubernetes

CLOUDS: Final[Mapping[str, Cloud]] = {
    cloud.sdk: cloud for cloud in (aws.CLOUD, gcp.CLOUD, azure.CLOUD, kubernetes.CLOUD)
}

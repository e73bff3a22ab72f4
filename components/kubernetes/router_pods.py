"""The pods that Envoy runs in: restricted, spread over zones, and gone only once their clients are."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, log2
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.routing.envoy.listeners import HTTP_PORT, HTTPS_PORT
from cellfleet.routing.envoy.ready import DRAIN_PATH, DRAIN_SECONDS, READY_HOST, READY_PATH, READY_PORT
from cellfleet.routing.envoy.sizes import WORKERS, memory_mib
from cellfleet.routing.table import RoutingTable
from components.kubernetes.sizes import SURGE, Pods, Size

LABELS: Final[Mapping[str, str]] = {"app.kubernetes.io/name": "router"}
"""Which pods are routers."""
FOLDER: Final = "/router"
"""Where Envoy is started, and all of its files are."""
_USER: Final = 101
"""The user that Envoy's images are made for."""
_MILLICORES: Final = 1000
"""Of one pod, whose workers may take up what nobody else needs on their node."""
_LEAST: Final = 3
"""One a zone, in the customary three; a cluster is to bear the loss of one while it is the only one left."""
_MOST: Final = 30
_OPTIONS: Final = ("--disable-hot-restart", "--drain-time-s", str(DRAIN_SECONDS))
_GRACE_SECONDS: Final = DRAIN_SECONDS + 20
"""Draining included, from when a pod is told to go until it is killed."""

core = k8s.core.v1


def pods(table: RoutingTable, files: Mapping[str, str]) -> Pods:
    """How many routers there are in a cluster, and what each needs.

    A folder with Secrets is kept in memory, and while it is changed there are two of it. What is needed is rounded up,
    for a tenant more would otherwise be another size of pods, and so other pods.
    """
    folder = 2 * sum(len(text.encode()) for text in files.values()) / 2**20
    return Pods(_LEAST, _MOST, Size(_MILLICORES, _rounded(memory_mib(table) + folder)))


def _rounded(mebibytes: float) -> int:
    """Up to 128, 192, 256, 384, 512, 768, …"""
    power: int = 2 ** max(7, ceil(log2(mebibytes)))
    return power * 3 // 4 if mebibytes <= power * 3 // 4 and power > 128 else power


def deployment(
    name: str,
    metadata: k8s.meta.v1.ObjectMetaArgs,
    labels: Mapping[str, str],
    image: str,
    pods: Pods,
    folder: k8s.core.v1.VolumeArgs,
    opts: pulumi.ResourceOptions,
) -> k8s.apps.v1.Deployment:
    """Run Envoy on its files. How many pods there are is the autoscaler's to say, and so not said here."""
    return k8s.apps.v1.Deployment(
        f"{name}-deployment",
        metadata=metadata,
        spec=k8s.apps.v1.DeploymentSpecArgs(
            selector=k8s.meta.v1.LabelSelectorArgs(match_labels=LABELS),
            strategy=k8s.apps.v1.DeploymentStrategyArgs(
                type="RollingUpdate",
                rolling_update=k8s.apps.v1.RollingUpdateDeploymentArgs(max_unavailable=0, max_surge=f"{SURGE:.0%}"),
            ),
            min_ready_seconds=10,
            progress_deadline_seconds=600,
            revision_history_limit=3,
            template=core.PodTemplateSpecArgs(
                metadata=k8s.meta.v1.ObjectMetaArgs(labels=labels),
                spec=core.PodSpecArgs(
                    service_account_name="router",
                    automount_service_account_token=False,
                    enable_service_links=False,
                    termination_grace_period_seconds=_GRACE_SECONDS,
                    security_context=core.PodSecurityContextArgs(
                        run_as_non_root=True,
                        run_as_user=_USER,
                        run_as_group=_USER,
                        fs_group=_USER,
                        seccomp_profile=core.SeccompProfileArgs(type="RuntimeDefault"),
                    ),
                    topology_spread_constraints=[
                        _spread("topology.kubernetes.io/zone", "DoNotSchedule"),
                        _spread("kubernetes.io/hostname", "ScheduleAnyway"),
                    ],
                    containers=[_envoy(image, pods.size)],
                    volumes=[folder],
                ),
            ),
        ),
        opts=opts,
    )


def _envoy(image: str, size: Size) -> k8s.core.v1.ContainerArgs:
    host = [core.HTTPHeaderArgs(name="Host", value=READY_HOST)]
    ready = core.HTTPGetActionArgs(path=READY_PATH, port="ready", http_headers=host)
    drain = core.HTTPGetActionArgs(path=DRAIN_PATH, port="ready", http_headers=host)
    ports = {"https": HTTPS_PORT, "http": HTTP_PORT, "ready": READY_PORT}
    return core.ContainerArgs(
        name="envoy",
        image=image,
        command=["/usr/local/bin/envoy"],
        args=["-c", "envoy.json", "--concurrency", str(WORKERS), *_OPTIONS],
        working_dir=FOLDER,
        ports=[core.ContainerPortArgs(name=port, container_port=number) for port, number in ports.items()],
        resources=core.ResourceRequirementsArgs(requests=size.requests, limits=size.limits),
        security_context=core.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=core.CapabilitiesArgs(drop=["ALL"]),
        ),
        # No subPath: the kubelet would not change it while the pod runs.
        volume_mounts=[core.VolumeMountArgs(name="files", mount_path=FOLDER, read_only=True)],
        startup_probe=core.ProbeArgs(http_get=ready, period_seconds=2, failure_threshold=60, timeout_seconds=2),
        readiness_probe=core.ProbeArgs(http_get=ready, period_seconds=5, failure_threshold=2, timeout_seconds=2),
        # A port that is open: a router that drains is not ready, and not to be restarted either.
        liveness_probe=core.ProbeArgs(
            tcp_socket=core.TCPSocketActionArgs(port="ready"), period_seconds=10, failure_threshold=6, timeout_seconds=5
        ),
        lifecycle=core.LifecycleArgs(pre_stop=core.LifecycleHandlerArgs(http_get=drain)),
    )


def _spread(over: str, otherwise: str) -> k8s.core.v1.TopologySpreadConstraintArgs:
    """Pods of one template evenly over zones or nodes; a zone whose nodes are all lost (tainted) does not count."""
    return core.TopologySpreadConstraintArgs(
        max_skew=1,
        topology_key=over,
        when_unsatisfiable=otherwise,
        label_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=LABELS),
        match_label_keys=["pod-template-hash"],
        node_taints_policy="Honor",
    )

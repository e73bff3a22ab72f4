"""The pods of one service: restricted, spread over the cell's zones, and replaced without losing a request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet, ManagedCell
from components.kubernetes.sizes import SURGE, Pods
from components.tags import tags

_USER: Final = 65532
"""The customary id of a user that is not root and owns nothing."""
_DRAIN_SECONDS: Final = 15
"""A pod that is to go still answers for this long, until the Gateway has learnt that it goes."""
_GRACE_SECONDS: Final = 60
"""Draining included, from when a pod is told to go until it is killed."""


@dataclass(frozen=True, slots=True)
class Placing:
    """What of a service's own namespace its pods refer to."""

    account: pulumi.Input[str]
    where: pulumi.Input[str]
    """The ConfigMap that is their environment."""
    told: Mapping[str, pulumi.Input[str]]
    """What it says: pods are replaced when that changes."""
    priority_class: pulumi.Input[str]


def deployment(
    fleet: Fleet,
    cell: ManagedCell,
    service: str,
    pods: Pods,
    metadata: k8s.meta.v1.ObjectMetaArgs,
    placing: Placing,
    pod_labels: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> k8s.apps.v1.Deployment:
    """Run the service at the cell's release. How many pods there are is the autoscaler's to say, and so not said
    here."""
    selector = {"app.kubernetes.io/name": service}
    return k8s.apps.v1.Deployment(
        f"{cell.name}-{service}-deployment",
        metadata=metadata,
        spec=k8s.apps.v1.DeploymentSpecArgs(
            selector=k8s.meta.v1.LabelSelectorArgs(match_labels=selector),
            strategy=k8s.apps.v1.DeploymentStrategyArgs(
                type="RollingUpdate",
                rolling_update=k8s.apps.v1.RollingUpdateDeploymentArgs(max_unavailable=0, max_surge=f"{SURGE:.0%}"),
            ),
            min_ready_seconds=5,
            progress_deadline_seconds=600,
            revision_history_limit=3,
            template=k8s.core.v1.PodTemplateSpecArgs(
                metadata=k8s.meta.v1.ObjectMetaArgs(
                    labels={**tags(fleet, cell), **selector, **pod_labels},
                    annotations={"cellfleet/environment": _digest(placing.told)},
                ),
                spec=k8s.core.v1.PodSpecArgs(
                    service_account_name=placing.account,
                    automount_service_account_token=False,
                    enable_service_links=False,
                    priority_class_name=placing.priority_class,
                    termination_grace_period_seconds=_GRACE_SECONDS,
                    security_context=k8s.core.v1.PodSecurityContextArgs(
                        run_as_non_root=True,
                        run_as_user=_USER,
                        run_as_group=_USER,
                        fs_group=_USER,
                        seccomp_profile=k8s.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
                    ),
                    topology_spread_constraints=[
                        _spread("topology.kubernetes.io/zone", "DoNotSchedule", selector),
                        _spread("kubernetes.io/hostname", "ScheduleAnyway", selector),
                    ],
                    containers=[_container(fleet, cell, service, pods, placing)],
                    volumes=[
                        k8s.core.v1.VolumeArgs(
                            name="tmp", empty_dir=k8s.core.v1.EmptyDirVolumeSourceArgs(size_limit="256Mi")
                        )
                    ],
                ),
            ),
        ),
        opts=opts,
    )


def _container(
    fleet: Fleet, cell: ManagedCell, service: str, pods: Pods, placing: Placing
) -> k8s.core.v1.ContainerArgs:
    declared = fleet.services[service]
    core = k8s.core.v1
    health = core.HTTPGetActionArgs(path=declared.health, port=service)
    return core.ContainerArgs(
        name=service,
        image=f"{declared.image}:{fleet.release_of(cell)}",
        ports=[core.ContainerPortArgs(name=service, container_port=declared.port)],
        env_from=[core.EnvFromSourceArgs(config_map_ref=core.ConfigMapEnvSourceArgs(name=placing.where))],
        resources=core.ResourceRequirementsArgs(requests=pods.size.requests, limits=pods.size.limits),
        security_context=core.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=core.CapabilitiesArgs(drop=["ALL"]),
        ),
        volume_mounts=[core.VolumeMountArgs(name="tmp", mount_path="/tmp")],
        # Two minutes to start; from then on out of the rotation within 10 s, restarted after a minute.
        startup_probe=core.ProbeArgs(http_get=health, period_seconds=2, failure_threshold=60),
        readiness_probe=core.ProbeArgs(http_get=health, period_seconds=5, failure_threshold=2, timeout_seconds=2),
        liveness_probe=core.ProbeArgs(http_get=health, period_seconds=10, failure_threshold=6, timeout_seconds=5),
        lifecycle=core.LifecycleArgs(
            pre_stop=core.LifecycleHandlerArgs(sleep=core.SleepActionArgs(seconds=_DRAIN_SECONDS))
        ),
    )


def _spread(over: str, otherwise: str, selector: Mapping[str, str]) -> k8s.core.v1.TopologySpreadConstraintArgs:
    """Pods of one release evenly over zones or nodes; a zone whose nodes are all lost (tainted) does not count."""
    return k8s.core.v1.TopologySpreadConstraintArgs(
        max_skew=1,
        topology_key=over,
        when_unsatisfiable=otherwise,
        label_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=selector),
        match_label_keys=["pod-template-hash"],
        node_taints_policy="Honor",
    )


def _digest(told: Mapping[str, pulumi.Input[str]]) -> pulumi.Output[str]:
    """A short digest of the environment, which pods would otherwise not notice a change of."""
    return pulumi.Output.json_dumps(dict(told)).apply(
        lambda text: hashlib.sha256(json.dumps(json.loads(text), sort_keys=True).encode()).hexdigest()[:16]
    )

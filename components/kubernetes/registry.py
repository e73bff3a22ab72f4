"""A registry's copy in a cluster of routers: ConfigMaps, one a shard and one for the head, in a namespace of their own.

Records of single cells are not kept beside them, for whoever reads a ConfigMap reads all of it: they are in the shards.
Routers read as `reader`, or mount the ConfigMaps; who else may is the cluster's to say.
"""

from __future__ import annotations

import base64

import pulumi
import pulumi_kubernetes as k8s

from cellfleet.inventory.model import Fleet
from cellfleet.registry import head as heads
from cellfleet.registry.bundle import Bundle, Shard
from components import shards
from components.registry import guarded
from components.tags import locality_tags

READER = "reader"
"""The ServiceAccount that may read the copy."""
_RBAC = "rbac.authorization.k8s.io"


def namespace_of(fleet: Fleet, locality: str) -> str:
    """The namespace of a locality's copy; another fleet's may be in the same cluster."""
    return f"{fleet.settings.name}-registry-{locality}"


class RegistryCopy(pulumi.ComponentResource):
    """The copy of one cluster, whose kubeconfig context `place` is."""

    def __init__(
        self,
        fleet: Fleet,
        locality: str,
        place: str,
        bundle: Bundle,
        head: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        name = f"registry-{locality}-{place}"
        props = {"locality": locality, "cluster": place, "digest": bundle.digest}
        super().__init__("cellfleet:kubernetes:RegistryCopy", name, props, opts)
        self._name, self._labels = name, locality_tags(fleet, locality)
        namespace = k8s.core.v1.Namespace(
            name,
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=namespace_of(fleet, locality),
                labels={**self._labels, "pod-security.kubernetes.io/enforce": "restricted"},
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=guarded(fleet, locality)),
        ).metadata.name
        contents = [self._shard(shard, namespace) for shard in shards.objects(bundle)]
        k8s.core.v1.ConfigMap(
            f"{name}-head",
            metadata=self._metadata("head", namespace),
            data={heads.NAME: head},
            opts=pulumi.ResourceOptions(parent=self, depends_on=contents),
        )
        self._reader(namespace)
        self.register_outputs({"namespace": namespace})

    def _metadata(self, name: str, namespace: pulumi.Input[str]) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(name=name, namespace=namespace, labels=self._labels)

    def _shard(self, shard: Shard, namespace: pulumi.Input[str]) -> k8s.core.v1.ConfigMap:
        """Named after its content, so it never changes; secret, for a ConfigMap's content is in Pulumi's state."""
        body = pulumi.Output.secret({shard.name: base64.b64encode(shard.body).decode()})
        return k8s.core.v1.ConfigMap(
            f"{self._name}-{shard.name}",
            metadata=self._metadata(shard.name, namespace),
            binary_data=body,
            immutable=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _reader(self, namespace: pulumi.Input[str]) -> None:
        here = pulumi.ResourceOptions(parent=self)
        account = k8s.core.v1.ServiceAccount(
            f"{self._name}-reader",
            metadata=self._metadata(READER, namespace),
            automount_service_account_token=False,
            opts=here,
        )
        role = k8s.rbac.v1.Role(
            f"{self._name}-reader-role",
            metadata=self._metadata(READER, namespace),
            rules=[
                k8s.rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["configmaps"], verbs=["get", "list", "watch"])
            ],
            opts=here,
        )
        k8s.rbac.v1.RoleBinding(
            f"{self._name}-reader-binding",
            metadata=self._metadata(READER, namespace),
            role_ref=k8s.rbac.v1.RoleRefArgs(api_group=_RBAC, kind="Role", name=role.metadata.name),
            subjects=[
                k8s.rbac.v1.SubjectArgs(
                    kind="ServiceAccount", name=account.metadata.name, namespace=account.metadata.namespace
                )
            ],
            opts=here,
        )

"""How requests get into a cell: a network load balancer that passes TCP on, so that the Gateway itself ends TLS and
sees the routers' client certificates.

It has no Elastic IPs: routers go by the cell's name, and an account may have five, which the NATs need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

NODE_PORT: Final = 30443
"""Where the Gateway's Service is on each node."""


class Ingress(pulumi.ComponentResource):
    """The load balancer in the public subnets, with every node behind it.

    Logical names are short: a load balancer's and a target group's name has 32 characters at most, 8 of them Pulumi's.
    """

    load_balancer: aws.lb.LoadBalancer

    def __init__(
        self,
        cell: str,
        *,
        vpc_id: pulumi.Input[str],
        subnet_ids: Sequence[pulumi.Input[str]],
        node_security_group_id: pulumi.Input[str],
        autoscaling_group: pulumi.Input[str],
        tags: Mapping[str, str],
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:aws:Ingress", f"{cell}-ingress", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        named = {**tags, "Name": f"{cell}-ingress"}
        group = aws.ec2.SecurityGroup(
            f"{cell}-ingress",
            description="The load balancer: TLS from anywhere, for it is the Gateway that asks who it is",
            vpc_id=vpc_id,
            tags=named,
            opts=child,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{cell}-ingress-tls",
            security_group_id=group.id,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4="0.0.0.0/0",
            tags=named,
            opts=child,
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{cell}-ingress-nodes",
            security_group_id=group.id,
            ip_protocol="tcp",
            from_port=NODE_PORT,
            to_port=NODE_PORT,
            referenced_security_group_id=node_security_group_id,
            tags=named,
            opts=child,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{cell}-nodes-ingress",
            security_group_id=node_security_group_id,
            ip_protocol="tcp",
            from_port=NODE_PORT,
            to_port=NODE_PORT,
            referenced_security_group_id=group.id,
            tags=named,
            opts=child,
        )
        self.load_balancer = aws.lb.LoadBalancer(
            f"{cell}-nlb",
            load_balancer_type="network",
            internal=False,
            subnets=subnet_ids,
            security_groups=[group.id],
            enable_cross_zone_load_balancing=True,  # zones need not have the same number of nodes
            tags=named,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )
        targets = aws.lb.TargetGroup(
            f"{cell}-tls",
            vpc_id=vpc_id,
            target_type="instance",
            protocol="TCP",
            port=NODE_PORT,
            deregistration_delay=120,
            health_check={"protocol": "TCP", "interval": 10, "healthy_threshold": 2, "unhealthy_threshold": 2},
            tags=named,
            opts=child,
        )
        aws.lb.Listener(
            f"{cell}-tls",
            load_balancer_arn=self.load_balancer.arn,
            protocol="TCP",
            port=443,
            default_actions=[{"type": "forward", "target_group_arn": targets.arn}],
            tags=named,
            opts=child,
        )
        aws.autoscaling.Attachment(
            f"{cell}-tls", autoscaling_group_name=autoscaling_group, lb_target_group_arn=targets.arn, opts=child
        )
        self.register_outputs({})

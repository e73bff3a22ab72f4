"""What a release needs of AWS: a proof that the cell's name is the cell's, and the data for its Gateway.

The Gateway's own certificate is made in the cluster, by EKS's managed ACK controller for ACM: from a `Certificate`
object with `exportTo` it requests an exportable certificate, puts certificate and key into the Gateway's secret, and
does so again after each renewal. ACM asks for one CNAME of a name and account, the same for every certificate and in
every region (ACM user guide, DNS validation, seen 2026-11); the one here is requested to learn it, so that the
controller's is signed without more. Adopting this one instead would leave the secret empty until the first renewal, for
the controller exports only what it sees being issued (acm-controller 1.3.3, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from cellfleet.inventory.model import Fleet, ManagedCell
from components.aws.ingress import NODE_PORT
from components.kubernetes.ingress import CertificateObject, Ingress
from components.kubernetes.names import SERVER_CERTIFICATE, gateway_namespace
from components.tags import tags as tags_of

_VALIDATION_TTL_SECONDS = 300
_KEY_ALGORITHM = "EC_prime256v1"


class Ownership(pulumi.ComponentResource):
    """The CNAME in the cell's zone by which ACM knows that it may sign for the cell, and keeps knowing it."""

    proved: pulumi.Output[str]
    """The ARN of a certificate for the cell's name, once ACM has signed it."""

    def __init__(
        self,
        cell: str,
        *,
        address: str,
        zone_id: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("cellfleet:aws:Ownership", f"{cell}-ownership", None, opts)
        child = pulumi.ResourceOptions(parent=self)
        certificate = aws.acm.Certificate(
            f"{cell}-ownership",
            domain_name=address,
            validation_method="DNS",
            key_algorithm=_KEY_ALGORITHM,
            tags={**tags, "Name": f"{cell}-ownership"},
            opts=child,
        )
        asked = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            f"{cell}-ownership",
            zone_id=zone_id,
            name=asked.resource_record_name.apply(lambda name: name or ""),
            type="CNAME",
            records=[asked.resource_record_value.apply(lambda value: value or "")],
            ttl=_VALIDATION_TTL_SECONDS,
            opts=child,
        )
        self.proved = aws.acm.CertificateValidation(
            f"{cell}-ownership",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            opts=child,
        ).certificate_arn
        self.register_outputs({})


def ingress(
    fleet: Fleet,
    cell: ManagedCell,
    outputs: Mapping[str, pulumi.Output[Any]],
    opts: pulumi.ResourceOptions | None = None,
) -> Ingress:
    """Prove the cell's name to ACM; say how the Gateway is reached and certified, and which role pods have."""
    address = fleet.address_of(cell)
    told = outputs["workload"]
    tags = tags_of(fleet, cell)
    ownership = Ownership(cell.name, address=address, zone_id=told["zone_id"], tags=tags, opts=opts)
    return Ingress(
        service_type="NodePort",
        node_port=NODE_PORT,
        certificate_secret_is_provided=True,
        certificate_object=CertificateObject(
            api_version="acm.services.k8s.aws/v1alpha1",
            kind="Certificate",
            spec={
                "domainName": address,
                "keyAlgorithm": _KEY_ALGORITHM,
                "options": {"certificateTransparencyLoggingPreference": "ENABLED"},
                "exportTo": {
                    "namespace": gateway_namespace(cell),
                    "name": SERVER_CERTIFICATE,
                    "key": "tls.crt",
                },
                "tags": [{"key": name, "value": value} for name, value in sorted(tags.items())],
            },
            # Requested only once ACM knows that it may sign.
            annotations={"cellfleet.dev/ownership": ownership.proved},
        ),
        service_account_annotations={"eks.amazonaws.com/role-arn": told["services_role"]},
    )

"""What a release needs of AWS, and what its Gateway finds."""

from __future__ import annotations

from functools import cache

from cellfleet.inventory.stack import Kind
from components.aws.ingress import NODE_PORT
from sandbox.inputs import problems
from tests.components.aws.recorded import CELL, Resources, recorded


@cache
def workload() -> Resources:
    return recorded(kind=Kind.WORKLOAD)


def test_the_cells_name_is_proved_in_the_cells_own_zone() -> None:
    resources = workload()
    certificate = resources.one("acm/certificate:Certificate")
    assert certificate.inputs["domainName"] == f"{CELL}.cells.acme.io"
    assert certificate.inputs["validationMethod"] == "DNS"
    assert resources.one("route53/record:Record").inputs["type"] == "CNAME"
    for kind in (
        "acm/certificate:Certificate",
        "route53/record:Record",
        "acm/certificateValidation:CertificateValidation",
    ):
        assert problems(f"aws:{kind}", resources.one(kind).inputs) == []


def test_the_gateways_certificate_is_asked_for_once_that_is_done_and_put_into_its_secret() -> None:
    resources = workload()
    proof = resources.one("acm/certificateValidation:CertificateValidation")
    (kept,) = [r for r in resources.custom() if r.type == "kubernetes:acm.services.k8s.aws/v1alpha1:Certificate"]
    assert proof.urn in kept.dependencies
    assert kept.inputs["spec"]["domainName"] == f"{CELL}.cells.acme.io"
    assert kept.inputs["spec"]["exportTo"] == {
        "namespace": f"{CELL}-gateway",
        "name": "server-certificate",
        "key": "tls.crt",
    }
    (secret,) = [r for r in resources.custom() if r.name == f"{CELL}-gateway-certificate-secret"]
    assert secret.inputs["metadata"]["namespace"] == f"{CELL}-gateway"
    assert secret.inputs["metadata"]["name"] == "server-certificate"


def test_the_certificate_has_the_tags_that_its_account_expects() -> None:
    (kept,) = [r for r in workload().custom() if r.type.endswith(":Certificate") and r.type.startswith("kubernetes:")]
    assert {"key": "cell", "value": CELL} in kept.inputs["spec"]["tags"]


def test_the_gateway_is_where_the_load_balancer_sends_requests() -> None:
    text = str([dict(r.inputs) for r in workload().custom() if r.type.startswith("kubernetes:gateway.envoyproxy.io")])
    assert f"'nodePort': {NODE_PORT}" in text

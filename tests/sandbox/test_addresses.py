"""A database's address is one of the range that its network has leased, as it is on the real cloud."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from sandbox.books import Made, Place
from sandbox.cloud import Draft
from sandbox.clouds.gcp import CLOUD
from sandbox.outputs import made_up

_PLACE = Place("acme-us-gcp-1", "us-central1", "")
_LEASED = {"name": "us-gcp-1-leased", "address": "10.0.40.0"}


def test_a_database_s_address_is_in_the_leased_range() -> None:
    range_ = Made("gcp", "gcp:compute/globalAddress:GlobalAddress", "id", "urn", _PLACE, "0", None, {}, _LEASED, 0.0)
    inputs = {"settings": {"tier": "db", "ipConfiguration": {"allocatedIpRange": "us-gcp-1-leased"}}}
    token = "gcp:sql/databaseInstance:DatabaseInstance"
    draft = Draft(token, "urn::us-gcp-1-database", inputs, _PLACE, "us-central1", "f" * 64, beside=lambda _: [range_])
    made = made_up(CLOUD, draft, inputs)
    assert ip_address(made["privateIpAddress"]) in ip_network("10.0.40.0/22")
    assert made["ipAddresses"][0]["ipAddress"] == made["privateIpAddress"]

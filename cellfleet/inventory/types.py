"""The scalar types of the inventory: what one word of cells.yaml may be.

Every type takes exactly what the YAML 1.2 reader hands over (no coercion: `id: "1"` and `name: 7` are errors), and
carries the JSON Schema that an editor checks it by.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema


class Provider(StrEnum):
    """Where a cell runs."""

    AWS = "aws"
    GCP = "gcp"
    AZURE = "azure"
    KUBERNETES = "kubernetes"


class State(StrEnum):
    """Where a cell is in its life; LIF-01 says by which steps."""

    PLANNED = "planned"
    PROVISIONING = "provisioning"
    ACTIVE = "active"
    CORDONED = "cordoned"
    DRAINING = "draining"
    RETIRED = "retired"


class Tenancy(StrEnum):
    """Whether a cell holds many tenants or one."""

    SHARED = "shared"
    DEDICATED = "dedicated"


class Isolation(StrEnum):
    """Whether a cell has a cluster of its own or namespaces on a shared one."""

    HARD = "hard"
    SOFT = "soft"


_RANGE: Final = re.compile(r"([0-9]{1,3}\.){3}[0-9]{1,3}/[0-9]{1,2}")
_WRITTEN_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _network(value: Any) -> IPv4Network:
    if isinstance(value, IPv4Network):
        return value
    if not isinstance(value, str) or _RANGE.fullmatch(value) is None:
        raise ValueError("an IPv4 range in CIDR notation, such as 10.0.0.0/20")
    return _parsed(value)


@lru_cache  # a fleet's cells share their pod_cidr
def _parsed(value: str) -> IPv4Network:
    try:
        return IPv4Network(value)
    except ValueError as error:
        if "host bits" not in str(error):
            raise ValueError("four numbers up to 255, with no leading zeros, and a length up to 32") from None
        raise ValueError(f"no host bits set: the range of that address is {IPv4Network(value, strict=False)}") from None


def _day(value: Any) -> date:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or _WRITTEN_DAY.fullmatch(value) is None:
        raise ValueError("a day, written YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("a day of the calendar, written YYYY-MM-DD") from None


def _name(longest: int, meaning: str, *examples: str) -> Any:
    """A lower-case name that is a DNS label, starts with a letter and has at most `longest` characters."""
    return Field(
        pattern=rf"^[a-z]([a-z0-9-]{{0,{longest - 2}}}[a-z0-9])?$", description=meaning, examples=list(examples)
    )


# 20 characters leave room, within the tightest limit of the four providers (a GCP service account id has 30), for the
# part of a cell that a resource's name goes on to say.
FleetName = Annotated[str, _name(20, "The fleet's name", "acme")]
CellName = Annotated[str, _name(20, "A cell's name", "us-aws-1")]
LocalityName = Annotated[str, _name(20, "A locality's name", "us")]
ClassName = Annotated[str, _name(20, "A cell class's name", "small")]
RingName = Annotated[str, _name(20, "A ring's name", "canary")]
ServiceName = Annotated[str, _name(15, "A service's name; 15 characters, for it names a port in Kubernetes", "web")]
OWN_PARTS: Final = ("data", "gateway", "standby")
"""What a cell's own namespaces are named after, beside those of its services."""
TAKEN: Final = ("cert-manager", *OWN_PARTS)
"""What no service is named: its namespace, or its identity in the cloud, would be another part's of the cell."""

Host = Annotated[
    str,
    Field(
        max_length=253,
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$",
        description="A fully qualified host name, lower case, with no final dot",
        examples=["us.acme.io"],
    ),
]
Country = Annotated[
    str, Field(pattern=r"^[A-Z]{2}$", description="An ISO 3166-1 alpha-2 country code", examples=["DE"])
]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
RuleId = Annotated[str, Field(pattern=r"^[A-Z]{3}-[0-9]{2}$", description="A rule's id", examples=["CAP-10"])]
Release = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", description="An image tag", examples=["26.11.0"])
]
PositiveInt = Annotated[int, Field(gt=0)]
PositiveFloat = Annotated[float, Field(gt=0)]
Network = Annotated[
    IPv4Network,
    BeforeValidator(_network),
    PlainSerializer(str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^{_RANGE.pattern}$",
            "description": "An IPv4 range in CIDR notation, with no host bits set",
            "examples": ["10.0.0.0/20"],
        }
    ),
]
Day = Annotated[
    date,
    BeforeValidator(_day),
    PlainSerializer(str),
    WithJsonSchema(
        {"type": "string", "pattern": f"^{_WRITTEN_DAY.pattern}$", "format": "date", "examples": ["2027-01-31"]}
    ),
]

"""What cells.yaml declares, as frozen values: the one model that every other part of cellfleet reads.

`Fleet` is everything in one inventory. It is made by `cellfleet.inventory.load`, which has merged `defaults` and
`include`, and has checked that every name used is a name declared; so code that holds a `Fleet` looks names up without
asking.
What a fleet may not *be* (overlapping ranges, too little room) is for the rules in `policies`, not for the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, PrivateAttr, Tag

from cellfleet.inventory.types import (
    CellName,
    ClassName,
    Country,
    Day,
    FleetName,
    Host,
    Isolation,
    LocalityName,
    Network,
    PositiveFloat,
    PositiveInt,
    Provider,
    Release,
    RingName,
    RuleId,
    ServiceName,
    State,
    Tenancy,
    Text,
)


class Declared(BaseModel):
    """A mapping of cells.yaml: frozen, no coercion, no unknown keys, finite numbers only."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        populate_by_name=True,
    )


# --- fleet ---------------------------------------------------------------------------------------------------------


class Ring(Declared):
    """A cell's place in a rollout, what it runs and how it is rolled out."""

    name: RingName
    release: Release
    """What cells of this ring run unless they pin a release of their own."""
    bake_minutes: Annotated[int, Field(ge=0)] = 0
    """Minutes to watch the ring, once done, before the next one starts."""
    max_parallel: PositiveInt = 1
    """Cells of this ring that may be rolled out at the same time."""


class ControlAccount(Declared):
    """An account of one provider that holds shared stacks; never a cell's account."""

    account: Text
    region: Text
    billing_account: Text | None = None
    """GCP only: the billing account that cells' budgets are kept in; no budget is made where it is not given."""


class Dns(Declared):
    """The public zone that the fleet's hosts and the delegations of cells' zones are written to. It must exist."""

    provider: Literal["aws", "gcp", "azure"]
    zone: Host
    zone_id: Text | None = None
    """How the provider names the zone: the hosted zone's id (AWS; looked up by name where it is not given), the managed
    zone's name (GCP; the zone's name with dashes for dots), or the resource group of the zone (Azure; `dns`)."""


class DeployIdentity(Declared):
    """The OpenID Connect identity that CI deploys as; each stack's deploy role trusts exactly its own subject."""

    issuer: Annotated[str, Field(pattern=r"^https://[^\s]+$", examples=["https://token.actions.githubusercontent.com"])]
    audience: Text | None = None
    """The `aud` claim; each cloud's customary value where it is not given."""
    subject: Annotated[str, Field(pattern=r"\{stack\}", examples=["repo:acme/fleet:environment:{stack}"])]
    """The `sub` claim, with `{stack}` where the stack's name stands."""


class SharedService(Declared):
    """Something outside the cells that cells may depend on."""

    host: Host
    needed_at_run_time: bool
    """Whether a cell stops serving when this is down."""


class Settings(Declared):
    """The `fleet:` section: what holds for all cells."""

    name: FleetName
    environment: Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$", examples=["production"])]
    domain: Host
    supernets: Annotated[tuple[Network, ...], Field(min_length=1, strict=False)]
    """Ranges that every cell's cidr lies inside one of."""
    rings: Annotated[tuple[Ring, ...], Field(min_length=1, strict=False)]
    """Canary first, broad last."""
    control: Annotated[Mapping[Annotated[Provider, Field(strict=False)], ControlAccount], Field(min_length=1)]
    dns: Dns
    deploy_from: Annotated[tuple[Network, ...], Field(strict=False)] = ()
    """The only ranges, other than a cell's own, from which cluster endpoints are reached. None: private endpoints."""
    deploy_identity: DeployIdentity | None = None
    """Who may assume cells' deploy roles. None: nobody outside the cell's own account."""
    contact: Annotated[str | None, Field(pattern=r"^[^@\s]+@[^@\s]+$", examples=["cells@acme.io"])] = None
    """Where budget alerts go."""
    shared_services: Mapping[ServiceName, SharedService] = {}
    quotas: Mapping[Text, Mapping[Annotated[str, Field(pattern=r"^(aws|gcp|azure)/[a-z0-9-]+$")], PositiveInt]] = {}
    """What accounts have been granted in place of their provider's default quotas: by account, then by the quota's
    name (`aws/elastic-ips`; `cellfleet rule CAP-06` lists them)."""
    registry_epoch: PositiveInt = 1
    """Raised by hand if the state of the registry's stacks was ever lost: readers take a higher one for newer, whatever
    its generation."""


# --- localities, services, classes ---------------------------------------------------------------------------------


class Locality(Declared):
    """A data-residency boundary with a public host."""

    residency: Annotated[tuple[Country, ...], Field(min_length=1, strict=False, examples=[["DE"]])]
    """The countries that its tenants' data may be in."""
    host: Host
    new_tenants: CellName
    """The cell that new tenants are put in."""
    growth_per_month: Annotated[float, Field(ge=0)] = 0.0
    """The share by which its load grows in a month: 0.04 is 4 %."""
    lead_time_days: Annotated[int, Field(ge=0)] = 30
    """Days from asking for another cell to having it."""


class Service(Declared):
    """A part of the product that runs in every cell and can be routed to."""

    image: Annotated[str, Field(pattern=r"^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+$", examples=["registry.acme.io/web"])]
    """The image's repository; the tag is the cell's release."""
    port: Annotated[int, Field(ge=1024, le=65535)]
    """The port that its container listens on; above 1023, for containers do not run as root."""
    health: Annotated[str, Field(pattern=r"^/[^\s?#]*$", examples=["/healthz"])]
    """The path that answers 200 when the service is well."""


class Capacity(Declared):
    """What a cell of a class can hold."""

    tenants: PositiveInt
    requests_per_second: PositiveFloat
    storage_gib: PositiveFloat


class Nodes(Declared):
    """The machines of a cell's cluster."""

    count: PositiveInt
    """Machines in all, spread over the cell's zones."""
    vcpus: PositiveInt
    """Of one machine."""
    memory_gib: PositiveInt
    """Of one machine."""


class Database(Declared):
    """A cell's PostgreSQL."""

    vcpus: PositiveInt
    memory_gib: PositiveInt
    storage_gib: PositiveInt
    replicas: Annotated[int, Field(ge=0)] = 0
    """Readers beside the writer; they are spread over the other zones."""


class CellClass(Declared):
    """A named, fixed cell size. A class in use is not edited but succeeded, so that a resize goes ring by ring."""

    capacity: Capacity
    nodes: Nodes
    database: Database
    replicas: Mapping[ServiceName, PositiveInt]
    """Pods of each service."""
    monthly_cost_usd: PositiveFloat
    nat: Literal["single", "zonal"] | None = None
    """One NAT for the cell or one a zone; where not given, one for a class of up to three nodes, else one a zone."""

    @property
    def single_nat(self) -> bool:
        """Whether a cell of this class has one NAT rather than one a zone."""
        return self.nat == "single" or (self.nat is None and self.nodes.count <= 3)


# --- cells ---------------------------------------------------------------------------------------------------------

_HOLDS_TENANTS = (State.ACTIVE, State.CORDONED, State.DRAINING)


class Backup(Declared):
    """Where a cell's backups go: another region, or another account where its residency has one region only."""

    region: Text
    account: Text | None = None
    retention_days: Annotated[int, Field(ge=1, le=35)] = 35
    """35 days is the most that all three clouds' managed PostgreSQL keep."""


class Replication(Declared):
    """A warm standby of a cell's database and bucket."""

    region: Text
    rpo_minutes: PositiveInt
    """Minutes of writes that may be lost."""
    rto_minutes: PositiveInt
    """Minutes until the standby serves."""


IdRange = Annotated[tuple[PositiveInt, PositiveInt], Field(strict=False)]


class ManagedCell(Declared):
    """A cell whose infrastructure cellfleet makes."""

    name: Annotated[CellName, Field(exclude=True)]
    """Its key under `cells:`."""
    managed: Literal[True] = True
    id: Annotated[PositiveInt, Field(examples=[17])]
    """The routing id: unique, immutable, never reused."""
    id_ranges: Annotated[tuple[IdRange, ...], Field(strict=False)] = ()
    """Object ids that this cell hands out, first and last of each range."""
    locality: LocalityName
    provider: Annotated[Provider, Field(strict=False, examples=["aws"])]
    account: Annotated[Text, Field(examples=["111111111111"])]
    """AWS account, GCP project, Azure subscription or kubeconfig context."""
    region: Annotated[Text, Field(examples=["us-west-2"])]
    """One of the provider's regions; on kubernetes any name."""
    country: Country | None = None
    """kubernetes only, where the region's name does not tell it."""
    zones: Annotated[tuple[Text, ...], Field(min_length=1, strict=False, examples=[["us-west-2a", "us-west-2b"]])]
    """Different zones of the region, which the cell is spread over."""
    cidr: Network
    """The cell's own addresses, routed outside it; at least a /20 on a cloud."""
    pod_cidr: Annotated[Network, Field(examples=["100.64.0.0/14"])]
    """The cell's pods; not routed outside it, so cells may share it."""
    class_: Annotated[ClassName, Field(alias="class")]
    ring: RingName
    state: Annotated[State, Field(strict=False, examples=["planned"])]
    tenancy: Annotated[Tenancy, Field(strict=False)] = Tenancy.SHARED
    isolation: Annotated[Isolation, Field(strict=False)] = Isolation.HARD
    """soft (kubernetes only): namespaces on a shared cluster."""
    release: Release | None = None
    """A pin; otherwise its ring's release."""
    backup: Backup
    replication: Replication | None = None
    frozen: bool = False
    """No automation touches it."""
    fenced: bool = False
    """Routers answer 503 for it."""
    restores: CellName | None = None
    """The lost cell whose routing id this one takes over."""
    labels: Mapping[
        Annotated[str, Field(pattern=r"^[a-z]([a-z0-9_-]{0,61}[a-z0-9])?$")],
        Annotated[str, Field(pattern=r"^[a-z0-9_-]{0,63}$")],
    ] = {}
    """Put on every resource that takes tags or labels; within what all four providers allow."""

    @property
    def contexts(self) -> tuple[str, ...]:
        """The kubeconfig contexts of the clusters that it is on, its standby's last; none on a cloud."""
        if self.provider is not Provider.KUBERNETES:
            return ()
        return (self.account, *((f"{self.account}-{self.replication.region}",) if self.replication else ()))

    @property
    def deployed(self) -> bool:
        """Whether the cell has infrastructure."""
        return self.state is not State.PLANNED

    @property
    def guarded(self) -> bool:
        """Whether what holds the cell's state is protected from deletion."""
        return self.state in _HOLDS_TENANTS

    @property
    def routed(self) -> bool:
        """Whether requests are sent to the cell."""
        return self.state in _HOLDS_TENANTS


class UnmanagedCell(Declared):
    """A cell that is run by other means, but routed, registered and checked like the rest."""

    name: Annotated[CellName, Field(exclude=True)]
    managed: Literal[False]
    id: Annotated[PositiveInt, Field(examples=[17])]
    id_ranges: Annotated[tuple[IdRange, ...], Field(strict=False)] = ()
    locality: LocalityName
    address: Host
    """The host that routers send its requests to."""
    class_: Annotated[ClassName, Field(alias="class")]
    ring: RingName
    state: Annotated[State, Field(strict=False)]
    tenancy: Annotated[Tenancy, Field(strict=False)] = Tenancy.SHARED
    frozen: bool = False
    fenced: bool = False
    labels: Mapping[str, str] = {}

    @property
    def routed(self) -> bool:
        """Whether requests are sent to the cell."""
        return self.state in _HOLDS_TENANTS


def _is_managed(cell: Any) -> str:
    managed = cell.get("managed", True) if isinstance(cell, Mapping) else getattr(cell, "managed", True)
    return "unmanaged" if managed is False else "managed"


Cell = Annotated[
    Annotated[ManagedCell, Tag("managed")] | Annotated[UnmanagedCell, Tag("unmanaged")], Discriminator(_is_managed)
]


# --- tenants, routing, history -------------------------------------------------------------------------------------


class TenantSource(Declared):
    """Where tenants are listed, and who decides where they live."""

    file: Annotated[str, Field(pattern=r"^[^\s].*\.csv(\.gz)?$", examples=["tenants.csv"])]
    authority: Literal["inventory", "directory"]
    """inventory: the file decides; directory: the product's directory does, and the file is a snapshot of it."""
    as_of: Day | None = None
    """The day of the snapshot."""
    project_keys: Annotated[str | None, Field(pattern=r"^[^\s].*\.csv(\.gz)?$", examples=["project-keys.csv"])] = None
    """A file of the keys that clients name a tenant by, for routers that look them up by themselves."""


Target = Literal["envoy", "synapse"]


class Route(Declared):
    """A host and path pattern, how it names the tenant, cell or locality, and the service that it leads to."""

    host: Text
    path: Annotated[str, Field(pattern=r"^/")] = "/*"
    headers: Mapping[Text, Text] = {}
    """Header names with the pattern that each one's value has to have."""
    query: Mapping[Text, Text] = {}
    """Query parameters with the pattern that each one's value has to have."""
    service: ServiceName | None = None
    redirect: Text | None = None
    """The host pattern to send the client to, instead of a service."""
    elsewhere: Literal["redirect", "refuse", "proxy"] = "redirect"
    """What a tenant of another locality is answered."""
    unknown: Literal["refuse", "new_tenants", "locate"] = "refuse"
    """What an unknown tenant is answered. locate: the locality's locator is asked (`routers.<locality>.locator`)."""
    targets: Annotated[tuple[Target, ...] | None, Field(min_length=1, strict=False)] = None
    """The routers' targets that serve the route, where not all that a locality has can."""


class RouterPlace(Declared):
    """A cloud's region that routers run in; it keeps a copy of the registry, in the cloud's control account."""

    provider: Literal["aws", "gcp", "azure"]
    region: Text


class Router(Declared):
    """The routers of one locality."""

    targets: Annotated[tuple[Target, ...], Field(min_length=1, strict=False)]
    clusters: Annotated[tuple[Text, ...], Field(min_length=1, strict=False)]
    """kubeconfig contexts, two or more, none a cell's."""
    addresses: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    """The reserved public IPv4 addresses of the routers, or one host name: what the locality's host resolves to."""
    client_ca: Annotated[str | None, Field(pattern=r"^-----BEGIN CERTIFICATE-----")] = None
    """The PEM certificates that sign the routers' client certificates; cells of the locality let in nobody else."""
    places: Annotated[tuple[RouterPlace, ...], Field(strict=False)] = ()
    """The clouds' regions that the clusters are in, inside the locality's residency: each has a copy of the registry,
    so that a router reads its own region's when all else is down."""
    locator: Annotated[
        str | None, Field(pattern=r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$", examples=["https://locator.us.acme.io"])
    ] = None
    """The directory that routes with `unknown: locate` ask, by the API of Synapse's locator."""
    certificate_issuer: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")] = "routers"
    """cert-manager's ClusterIssuer in the routers' clusters that signs certificates for the public hosts, wildcards
    among them (so it proves them by DNS-01)."""
    client_issuer: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")] = "routers-client"
    """The ClusterIssuer that signs the routers' client certificates; `client_ca` is its certificate."""
    image: Annotated[str, Field(pattern=r"^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+[:@][A-Za-z0-9_.:-]+$")] = (
        "docker.io/envoyproxy/envoy:distroless-v1.40.0"
    )
    """Envoy's image, with its tag or digest."""


class Tombstone(Declared):
    """A removed cell: its id and name are never used again, its cidr not for 90 days."""

    name: CellName
    id: PositiveInt
    cidr: Network | None = None
    removed: Day


class Waiver(Declared):
    """An accepted violation of one rule by some subjects, until a day."""

    rule: RuleId
    subjects: Annotated[tuple[Text, ...], Field(min_length=1, strict=False)]
    owner: Text
    reason: Text
    expires: Day


# --- the whole -----------------------------------------------------------------------------------------------------


class Fleet(Declared):
    """Everything in one inventory."""

    version: Literal[1]
    settings: Annotated[Settings, Field(alias="fleet")]
    localities: Annotated[Mapping[LocalityName, Locality], Field(min_length=1)]
    services: Annotated[Mapping[ServiceName, Service], Field(min_length=1)]
    classes: Annotated[Mapping[ClassName, CellClass], Field(min_length=1)]
    cells: Mapping[CellName, Cell]
    tenants: TenantSource | None = None
    routes: Annotated[tuple[Route, ...], Field(strict=False)] = ()
    routers: Mapping[LocalityName, Router] = {}
    tombstones: Annotated[tuple[Tombstone, ...], Field(strict=False)] = ()
    waivers: Annotated[tuple[Waiver, ...], Field(strict=False)] = ()
    policies: Mapping[RuleId, Mapping[str, Any]] = {}
    """Numbers of rules that this fleet sets otherwise: `{CAP-01: {warn: 0.75}}`."""
    _origin: Any = PrivateAttr(default=None)
    """Where it was read from, for `cellfleet.inventory.locate`; None where it was made in code."""

    @property
    def project(self) -> str:
        """The Pulumi project that holds the fleet's stacks: one a fleet and environment."""
        return f"{self.settings.name}-{self.settings.environment}"

    def managed(self) -> Iterator[ManagedCell]:
        """The cells that cellfleet makes, in the inventory's order."""
        return (cell for cell in self.cells.values() if isinstance(cell, ManagedCell))

    def class_of(self, cell: ManagedCell | UnmanagedCell) -> CellClass:
        return self.classes[cell.class_]

    def locality_of(self, cell: ManagedCell | UnmanagedCell) -> Locality:
        return self.localities[cell.locality]

    def ring_of(self, cell: ManagedCell | UnmanagedCell) -> Ring:
        return next(ring for ring in self.settings.rings if ring.name == cell.ring)

    def release_of(self, cell: ManagedCell) -> str:
        """What the cell runs: its own pin, or its ring's release."""
        return cell.release or self.ring_of(cell).release

    def address_of(self, cell: ManagedCell | UnmanagedCell) -> str:
        """The host that routers send the cell's requests to: `<cell>.cells.<domain>`, known without a deploy."""
        match cell:
            case ManagedCell():
                return f"{cell.name}.cells.{self.settings.domain}"
            case UnmanagedCell():
                return cell.address

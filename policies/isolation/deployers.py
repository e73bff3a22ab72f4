"""ISO-13: each stack of a cell is deployed by one role, which trusts that stack's own subject and nobody else's.

What a role may do is not looked at here, nor is where state is kept or by what key: those are the backend's, which no
program registers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cellfleet.inventory.model import DeployIdentity
from cellfleet.inventory.stack import Kind, Stack
from policies.isolation import trusted
from policies.isolation.owner import CELLS
from policies.isolation.places import cell_of, path_of
from policies.isolation.rules import STACK
from policies.isolation.trusted import Trust
from policies.resource import Resource, Resources
from policies.rule import Facts, Violation


def exact_subject(facts: Facts) -> Iterator[Violation]:
    """A deploy identity whose subject is a pattern: a cloud that reads it as one lets in more than one stack."""
    identity = facts.fleet.settings.deploy_identity
    if identity is not None and any(sign in identity.subject for sign in "*?"):
        yield Violation(
            STACK,
            ("fleet", "deploy_identity", "subject"),
            "the deploy identity's subject is a pattern, and names no one stack",
            measured=identity.subject,
            limit="exact text around {stack}",
            remedy="write the whole subject, with {stack} where the stack's name stands",
        )


@dataclass(frozen=True, slots=True)
class _Subjects:
    """The subjects of a cell's two stacks, by the name of each."""

    cell: str
    workload: str

    @classmethod
    def of(cls, identity: DeployIdentity, cell: str) -> _Subjects:
        of = (identity.subject.replace("{stack}", Stack(kind, cell).name) for kind in CELLS)
        return cls(*of)


def one_role_a_stack(facts: Facts, resources: Resources) -> Iterator[Violation]:
    """Deploy roles that trust a subject that is not the stack's own or a pattern, a subject that two roles trust or
    none, and one role for both stacks."""
    identity, cell = facts.fleet.settings.deploy_identity, cell_of(facts.fleet, resources.stack)
    if identity is None or cell is None:
        return
    subjects = _Subjects.of(identity, cell.name)
    trusts = list(trusted.trusts(identity, resources))
    for trust in trusts:
        yield from _wrong(trust, subjects, resources)
    right = [trust for trust in trusts if trust.role and trust.subject in (subjects.cell, subjects.workload)]
    if resources.stack.kind is Kind.CELL:
        yield from _counted(right, subjects, resources, missing=trusted.all_known(identity, resources))
        yield from _both(right, subjects, resources)


def _wrong(trust: Trust, subjects: _Subjects, resources: Resources) -> Iterator[Violation]:
    own = (subjects.cell, subjects.workload)
    if trust.fault:
        yield _violation(
            trust.resource, resources, f"{trust.resource.name} {trust.fault}", trust.subject, " or ".join(own)
        )
    elif trust.subject not in own:
        message = f"{trust.resource.name} lets in what deploys another stack"
        yield _violation(trust.resource, resources, message, trust.subject, " or ".join(own))
    elif resources.stack.kind is Kind.WORKLOAD:
        message = f"{trust.resource.name} is a deploy role that the workload makes for itself"
        yield _violation(trust.resource, resources, message, trust.subject, "none: the cell's stack has both roles")


def _counted(right: list[Trust], subjects: _Subjects, resources: Resources, *, missing: bool) -> Iterator[Violation]:
    for subject in (subjects.cell, subjects.workload):
        roles = list(dict.fromkeys(trust.role for trust in right if trust.subject == subject))
        if len(roles) > 1:
            last = next(trust for trust in right if trust.role == roles[-1] and trust.subject == subject)
            message = f"{len(roles)} roles deploy as {subject}"
            yield _violation(last.resource, resources, message, ", ".join(map(_name, roles)), "1 role a stack")
        elif not roles and missing:
            yield Violation(
                STACK,
                path_of(resources.stack),
                f"no role deploys as {subject}, so a person has to",
                measured="0 roles",
                limit="1 role a stack",
            )


def _both(right: list[Trust], subjects: _Subjects, resources: Resources) -> Iterator[Violation]:
    """On Kubernetes one role holds in both stacks: what they make is of the same cluster."""
    of_cell = {trust.role for trust in right if trust.subject == subjects.cell and not trust.shared}
    for trust in right:
        if trust.subject == subjects.workload and trust.role in of_cell:
            message = f"{trust.resource.name} deploys both of the cell's stacks, so a release could change a database"
            yield _violation(trust.resource, resources, message, "2 subjects", "1 subject a role")


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _violation(resource: Resource, resources: Resources, message: str, measured: str, limit: str) -> Violation:
    return Violation(STACK, path_of(resources.stack), message, measured, limit, resource=resource.urn)

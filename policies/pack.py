"""What a Pulumi policy pack is made of: each rule of a family as a policy on the whole of a stack.

The engine gives a pack what it is about to make, or what is deployed (`pulumi policy analyze`). A finding of the
fleet's own rules is told too, where it is about the stack's cell or locality. Each rule is two policies: `ISO-04`
stops a deployment, and `ISO-04-advice` tells findings that do not: warnings, waived ones, and those that give way to a
drain, a rollback or a repair (`policies.stopping`).

Only a pack's `__main__` imports pulumi; here its policies are values.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from cellfleet.failure import Failure
from cellfleet.inventory.finding import Finding, Invalid, Number, Rule
from cellfleet.inventory.load import load
from cellfleet.inventory.locate import tenant_file
from cellfleet.inventory.model import Fleet
from cellfleet.inventory.stack import Stack
from policies.asked import accepted, as_of
from policies.judge import judge, understood
from policies.resource import UNKNOWN, Resource, Resources
from policies.rule import Facts, Family
from policies.stopping import adds, concerning, sentence, stopping, told

ROOT: Final = Path(__file__).parent.parent
ADVICE: Final = "-advice"
_UNKNOWN: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""How the engine writes a value that only a deploy can tell, by its type (pulumi_policy.proxy, 1.21)."""
_INPUTS: Final[dict[str, Any]] = {}
"""What resources are made with, by URN. A policy on a whole stack is given outputs, of which in a preview less is
known."""
_PROVIDER: Final = "pulumi:providers:"
_READ: Final = "read"
"""In place of the URN of what an input came from, where that is none of the stack's resources but read, such as another
stack's output: the engine tells only that it came from somewhere."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy of a pack."""

    name: str
    rule: Rule
    mandatory: bool
    schema: Mapping[str, Mapping[str, Any]]
    """JSON schemas of what `--policy-pack-config` may set, by name."""

    @property
    def description(self) -> str:
        return f"{self.rule.title}. {self.rule.why}"


@dataclass(frozen=True, slots=True)
class Violated:
    """What one policy has to tell."""

    message: str
    urn: str


def served(family: Family, sdk: Any) -> list[Any]:
    """The policies as pulumi_policy, which is `sdk`, takes them.

    Raises SystemExit with a sentence where the inventory, or what is asked of the rules, cannot be understood: later,
    among the engine's questions, there is nobody to say it to, and the engine would wait for ever.
    """
    try:
        as_of()
        accepted()
        _fleet()
    except Failure as failure:
        raise SystemExit(f"{failure.message} {failure.remedy}") from None
    except Invalid as invalid:
        lines = [f"{finding.location}: {finding.rule} {finding.message}" for finding in invalid.findings]
        raise SystemExit("\n".join(lines)) from None
    numbers: dict[str, Mapping[str, Any]] = {}

    def made(policy: Policy) -> Any:
        rule = policy.rule

        def validate(args: Any, report: Any) -> None:
            # a rule is asked before its advice, which measures by the same numbers unless it is given its own
            numbers[rule.id] = {**({} if policy.mandatory else numbers.get(rule.id, {})), **args.get_config()}
            for found in violations(family, policy, args.resources, numbers[rule.id]):
                report(found.message, found.urn or None)

        return sdk.StackValidationPolicy(
            policy.name,
            policy.description,
            validate,
            sdk.EnforcementLevel.MANDATORY if policy.mandatory else sdk.EnforcementLevel.ADVISORY,
            sdk.PolicyConfigSchema(dict(policy.schema)) if policy.schema else None,
            display_name=rule.title,
            severity=sdk.Severity.HIGH if policy.mandatory else sdk.Severity.LOW,
            tags=[family.prefix.lower()],
            remediation_steps=rule.remedy,
            url=rule.docs,
        )

    remember = sdk.ResourceValidationPolicy(
        "arguments",
        "Remembers what each resource is made with, for the other policies of the pack; it stops nothing.",
        lambda args, report: _INPUTS.update({args.urn: _plain(args.props)}),  # noqa: ARG005 (what the SDK calls with)
        sdk.EnforcementLevel.ADVISORY,
    )
    return [remember, *(made(policy) for policy in policies_of(family))]


def policies_of(family: Family) -> Iterator[Policy]:
    """The policies of a family's rules."""
    for rule in family.rules.values():
        schema = {number.name: _schema(number) for number in rule.numbers}
        yield Policy(rule.id, rule, True, schema)
        yield Policy(f"{rule.id}{ADVICE}", rule, False, schema)


def violations(
    family: Family, policy: Policy, told_by_engine: Sequence[Any], numbers: Mapping[str, Any]
) -> Iterator[Violated]:
    """What a policy finds in the resources of a stack, as pulumi_policy gives them, with numbers that the pack's
    configuration sets; nothing in a stack of another project."""
    fleet = _fleet()
    resources = _resources(fleet, told_by_engine)
    if resources is None:
        return
    try:
        findings = _findings(family, _with(fleet, policy.rule, numbers), resources)
    except Invalid as invalid:
        for wrong in invalid.findings:
            allowed = f" (allowed: {wrong.limit})" if wrong.limit else ""
            yield Violated(f"The configuration of the pack: {wrong.message}{allowed}.", "")
        return
    adding = not _stands(resources) and adds(fleet, resources.stack, None)
    stops = {*stopping(fleet, resources.stack, findings, adds=adding, accepted=accepted())}
    for finding in findings:
        if finding.rule == policy.rule.id and (finding in stops) == policy.mandatory:
            yield Violated(f"{told(finding)} {sentence(finding.remedy)}", finding.resource)


def _findings(family: Family, fleet: Fleet, resources: Resources) -> list[Finding]:
    """The findings on a stack; the same resources are asked about once for each policy, and judged once."""
    key = (family.prefix, json.dumps(dict(fleet.policies), sort_keys=True, default=dict), resources.stack.name)
    if key not in _LAST or _LAST[key][0] != resources.every:
        _LAST.clear()
        facts = Facts(fleet, _tenants(fleet), as_of())
        own = [*concerning(fleet, resources.stack, judge(facts, checks=family.fleet, measured=frozenset()))]
        of_stack = judge(facts, [resources], checks=(), measured=frozenset())
        _LAST[key] = resources.every, list(dict.fromkeys([*own, *of_stack]))
    return _LAST[key][1]


_LAST: Final[dict[tuple[str, str, str], tuple[tuple[Resource, ...], list[Finding]]]] = {}


@cache
def _fleet() -> Fleet:
    """The fleet.

    Raises Invalid where it, or a number that it sets for a rule, cannot be understood.
    """
    fleet = load(Path(os.environ.get("CELLFLEET_INVENTORY", ROOT / "cells.yaml")))
    understood(fleet)
    return fleet


def _with(fleet: Fleet, rule: Rule, numbers: Mapping[str, Any]) -> Fleet:
    """The fleet with numbers of a rule set by the pack's configuration, which goes before the inventory's."""
    if not numbers:
        return fleet
    return fleet.model_copy(
        update={"policies": {**fleet.policies, rule.id: {**fleet.policies.get(rule.id, {}), **numbers}}}
    )


def _tenants(fleet: Fleet) -> Any:
    """The fleet's tenants; None where their file is not there, as in a checkout that is not to have them."""
    path = tenant_file(fleet)
    if path is None or not path.exists():
        return None
    return _read(path, tuple(fleet.cells))


@cache
def _read(path: Path, cells: tuple[str, ...]) -> Any:
    from cellfleet.inventory.tenants.read import read

    return read(path, cells, date.min)[0]


def _resources(fleet: Fleet, told_by_engine: Sequence[Any]) -> Resources | None:
    """What pulumi_policy gives, as rules take it; None for a stack that is not of the fleet's project."""
    every: dict[str, Resource] = {}
    stack = ""
    for one in told_by_engine:
        _, _, stack_and_on = one.urn.partition("urn:pulumi:")
        stack, project = stack_and_on.split("::")[:2]
        if project != fleet.project:
            return None
        if one.provider is not None and one.provider.urn not in every:
            inputs = _plain(one.provider.props)
            provider = Resource(one.provider.urn, one.provider.resource_type, one.provider.name, inputs)
            every[provider.urn] = provider
        if one.resource_type != "pulumi:pulumi:Stack":
            every[one.urn] = _resource(one)
    try:
        return Resources(Stack.parse(stack), tuple(every.values()), all(map(_known, every.values())))
    except ValueError:
        return None


def _resource(one: Any) -> Resource:
    properties = _plain(one.props)
    return Resource(
        urn=one.urn,
        type=one.resource_type,
        name=one.name,
        inputs=_INPUTS.get(one.urn, properties),
        parent=one.parent.urn if one.parent and one.parent.resource_type != "pulumi:pulumi:Stack" else "",
        provider=f"{one.provider.urn}::" if one.provider else "",
        dependencies=tuple(sorted(on.urn for on in one.dependencies)),
        custom=one.provider is not None or one.resource_type.startswith(_PROVIDER),
        property_dependencies={
            name: tuple(sorted(on.urn for on in some)) or (_READ,) for name, some in one.property_dependencies.items()
        },
        protect=one.opts.protect,
        ignore_changes=tuple(one.opts.ignore_changes),
        outputs=properties,
    )


def _plain(value: Any) -> Any:
    match value:
        case str() if value in _UNKNOWN:
            return UNKNOWN
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case str():
            return value
        case Mapping() | Sequence():  # pulumi_policy's proxies, which raise where an unknown value is looked at
            return _plain(value["__target"])  # type: ignore[call-overload]
        case _:
            return value


def _stands(resources: Resources) -> bool:
    """Whether a stack is deployed already: the engine does not tell, but what it has made it knows all of.

    Of a stack that is deployed for the first time nearly everything has something that only a deploy can tell.
    """
    made = [each for each in resources.every if not each.type.startswith(_PROVIDER) and each.outputs]
    return sum(map(_known, made)) * 2 >= len(made)


def _known(resource: Resource) -> bool:
    return UNKNOWN not in resource.inputs.values() and UNKNOWN not in resource.outputs.values()


def _schema(number: Number) -> Mapping[str, Any]:
    """With no default, which the engine would fill in, and so put before what the inventory sets."""
    most = {} if number.most == float("inf") else {"maximum": number.most}
    meaning = f"{number.meaning}; {number.default:.12g}, where neither this nor the inventory sets it"
    return {"type": "number", "description": meaning, "minimum": number.least, **most}

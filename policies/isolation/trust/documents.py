"""AWS policy documents: whom their statements let in, and whom a condition holds a wildcard to.

A wildcard is held to an account only by a condition that is false where its key is missing: `...IfExists` and
`ForAllValues:` are true then. An organization holds all cells, so `aws:PrincipalOrgID` tells none from another.

A service acts for the account that asks it to: without a condition that is the policy's own, and with one of
`aws:SourceAccount` or `aws:SourceArn` whoever that names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from policies.isolation.trust.principal import Principal
from policies.isolation.values import account_in

_TIES: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceowner",
        "kms:calleraccount",
    }
)
_ACTS_FOR: Final = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceowner"})
_EXACT: Final = frozenset({"stringequals", "stringlike", "stringequalsignorecase", "arnequals", "arnlike"})
_ANY_VALUE: Final = "foranyvalue:"
_ANYBODYS: Final = frozenset(
    {"accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"}
)
"""Issuers of tokens that anybody can have."""
_ANY_SUBJECT: Final = re.compile(r"(?:[a-z_]+:)?\*")
"""How a subject begins that names nobody: `*`, `repo:*`."""


def document_in(value: Any) -> Mapping[str, Any] | None:
    """The policy document that an input is, as text or as an object; None where it is none."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return value if isinstance(value, Mapping) and "Statement" in value else None


def principals(document: Mapping[str, Any], own: Collection[str]) -> Iterator[Principal]:
    """Whom the statements let in, and whose things they let their holder at; `own` accounts hold a wildcard."""
    for statement in _listed(document["Statement"]):
        if not isinstance(statement, Mapping) or statement.get("Effect") != "Allow":
            continue
        if "NotPrincipal" in statement:
            yield Principal("NotPrincipal", everybody="everybody but those that it names")
        elif "Principal" in statement:
            yield from _let_in(statement, own)
        else:
            for arn in _listed(statement.get("Resource")):
                if isinstance(arn, str) and (account := account_in(arn)):
                    yield Principal(arn, account=account, reached=True)


def _let_in(statement: Mapping[str, Any], own: Collection[str]) -> Iterator[Principal]:
    principal, conditions = statement["Principal"], _conditions(statement)
    tied = any(key in _TIES and all(account_in(value) in own for value in values) for key, values in conditions)
    if principal == "*":
        principal = {"AWS": "*"}
    for kind, named in principal.items() if isinstance(principal, Mapping) else ():
        for one in map(str, _listed(named)):
            match kind:
                case "AWS" if one == "*":
                    if not tied:
                        yield Principal("*", everybody="everybody")
                case "AWS":
                    yield Principal(one, account=account_in(one) or "")
                case "Federated":
                    yield from _federated(one, conditions)
                case "Service":
                    for value in (value for key, values in conditions if key in _ACTS_FOR for value in values):
                        yield Principal(value, account=account_in(value) or "")
                case _:
                    pass


def _federated(issuer: str, conditions: Collection[tuple[str, list[str]]]) -> Iterator[Principal]:
    known_to = f"everybody whom {issuer.partition('oidc-provider/')[2] or issuer} knows"
    subjects = [value for key, values in conditions if key.endswith((":sub", ":amr")) for value in values]
    if account := account_in(issuer):
        yield Principal(issuer, account=account)
    if not subjects and (":oidc-provider/" in issuer or issuer in _ANYBODYS):
        yield Principal(issuer, everybody=known_to)
    for subject in subjects:
        account, *rest = subject.removeprefix("system:serviceaccount:").split(":")
        if subject.startswith("system:serviceaccount:") and rest:
            yield Principal(subject, namespace=account)
        elif _ANY_SUBJECT.match(subject):
            yield Principal(subject, everybody=known_to)
        else:
            yield Principal(subject, subject=subject)


def _conditions(statement: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """The keys, in lower case, that a statement holds to certain values, and those values."""
    condition = statement.get("Condition")
    return [
        (key.lower(), [str(value) for value in _listed(values)])
        for operator, tests in (condition.items() if isinstance(condition, Mapping) else ())
        if operator.lower().removeprefix(_ANY_VALUE) in _EXACT and isinstance(tests, Mapping)
        for key, values in tests.items()
    ]


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]

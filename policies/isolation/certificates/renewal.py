"""Whether a certificate renews itself, and in time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from policies.isolation.certificates.form import ACM, CERT_MANAGER, FORMS, TLS_SECRET
from policies.isolation.values import at
from policies.resource import UNKNOWN, Resource

_MADE_ELSEWHERE: Final = "was made elsewhere, and somebody has to make the next"
_DURATION: Final = re.compile(r"(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?$")
_CUSTOMARY: Final = timedelta(days=90)
"""What cert-manager asks for where no `duration` is given (https://cert-manager.io/docs/usage/certificate, 2026-11)."""


def obstacles(resource: Resource, days_left: float) -> Iterator[tuple[str, str]]:
    """What keeps a certificate from renewing itself, at least `days_left` days before its end: that, and what is so.

    Nothing of what an input holds is told, for it may be a key.
    """
    for path in _uploaded(resource):
        if any(_given(resource, path, value) for value in at(resource.inputs, path)):
            yield _MADE_ELSEWHERE, f"{path} is given"
            return
    if resource.type == TLS_SECRET and resource.inputs.get("type") == "kubernetes.io/tls":
        for path in ("data", "stringData"):
            for held in at(resource.inputs, path):
                if isinstance(held, Mapping) and any(value not in ("", UNKNOWN) for value in held.values()):
                    yield _MADE_ELSEWHERE, f"{path} of a TLS secret is given"
    elif resource.type == ACM and resource.inputs.get("validationMethod") == "EMAIL":
        yield "is renewed by e-mail, which somebody has to answer", "validationMethod: EMAIL"
    elif resource.type == CERT_MANAGER:
        yield from _of_cert_manager(resource, days_left)


def ends(resource: Resource) -> datetime | None:
    """When a deployed certificate ends; None where that is not told, or where nobody uses it any more.

    ACM renews only what is in use, and calls the rest ineligible: one that proves a cell's name to ACM serves nobody.
    """
    form = FORMS.get(resource.type)
    if form is None or not form.ends:
        return None
    if resource.type == ACM and resource.outputs.get("renewalEligibility") == "INELIGIBLE":
        return None
    for value in at(resource.outputs, form.ends):
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def days_between(day: date, end: datetime) -> int:
    """Whole days from the start of a day to a moment; negative once it has passed."""
    return (end - datetime(day.year, day.month, day.day, tzinfo=UTC)).days


def needed(resource: Resource, days_left: float) -> timedelta:
    """How long before its end it has to be renewed: a third of its life, where that is shorter than `days_left`."""
    life = _duration(next(at(resource.inputs, "spec.duration"), None)) or _CUSTOMARY
    return min(timedelta(days=days_left), life / 3) if resource.type == CERT_MANAGER else timedelta(days=days_left)


def _uploaded(resource: Resource) -> tuple[str, ...]:
    """The inputs that hold what was made elsewhere; none of one that ACM itself has proved and signed."""
    signed = resource.type == ACM and resource.inputs.get("validationMethod") in ("DNS", "EMAIL")
    return FORMS[resource.type].uploaded if resource.type in FORMS and not signed else ()


def _given(resource: Resource, path: str, value: Any) -> bool:
    """Whether an input is there. One that only a deploy can tell is where another resource gives it."""
    return value != "" and (value is not UNKNOWN or path in resource.property_dependencies)


def _of_cert_manager(resource: Resource, days_left: float) -> Iterator[tuple[str, str]]:
    if not list(at(resource.inputs, "spec.issuerRef.name")):
        yield "has no issuer", "no spec.issuerRef.name"
    for text in at(resource.inputs, "spec.renewBefore"):
        before = _duration(text)
        if before is not None and before < needed(resource, days_left):
            yield "is renewed late", f"spec.renewBefore: {text}"


def _duration(text: Any) -> timedelta | None:
    """A Go duration of hours, minutes and seconds."""
    found = _DURATION.match(text) if isinstance(text, str) and text else None
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)

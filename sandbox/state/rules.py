"""Validation rules of an administrator: properties that are required while others have certain values.

HubSpot enforces such rules on every write through the 2026-09 paths (documented); their form and the text of
a refusal are not verified. Here they are set through `/_sandbox/validation-rules`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.errors import Invalid, bad_request


@dataclass(frozen=True)
class Rule:
    """While every property in `when` has its value, every one in `require` must have some value."""

    kind: str
    when: tuple[tuple[str, str], ...]
    require: tuple[str, ...]

    def body(self) -> dict[str, Any]:
        """The rule as it is set and shown."""
        return {"objectType": self.kind, "when": dict(self.when), "require": list(self.require)}


def read_rule(body: Any) -> Rule:
    """A rule from `{"objectType": "contacts", "when": {…}, "require": […]}`; 400 for anything else."""
    if not isinstance(body, dict):
        raise bad_request("A rule is an object.")
    when, require = body.get("when", {}), body.get("require")
    if not isinstance(when, dict) or not isinstance(require, list) or not require:
        raise bad_request("A rule needs a list `require`, and may have an object `when`.")
    pairs = tuple((str(name), str(value)) for name, value in when.items())
    return Rule(str(body.get("objectType", "contacts")), pairs, tuple(str(name) for name in require))


def broken(rules: Iterable[Rule], kind: str, properties: Mapping[str, str]) -> list[Invalid]:
    """One refusal for every property that a rule requires of these values and that has none."""
    return [
        Invalid(name, "REQUIRED_PROPERTY_MISSING", f'Property "{name}" is required by a validation rule.')
        for rule in rules
        if rule.kind == kind and all(properties.get(name, "") == value for name, value in rule.when)
        for name in rule.require
        if not properties.get(name)
    ]

"""The default values of new contacts, as the operator configured them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm.domain import Schema, errors

_OWN = ("email", "firstname", "lastname")  # these have no default: each contact has its own


@dataclass(frozen=True)
class Defaults:
    """``values``: property -> value as HubSpot stores it. ``bad``: configured entry -> why it does not fit."""

    values: dict[str, str] = field(default_factory=dict)
    bad: dict[str, errors.CrmError] = field(default_factory=dict)


def read_defaults(schema: Schema, configured: Mapping[str, str], region: str) -> Defaults:
    """Reads the configured defaults, with names and values in any spelling that the schema knows. Raises nothing.

    A default that does not fit, such as an owner who has left, does not prevent the creation of a contact: it is left
    out, the card says so, and ``make doctor`` says why.
    """
    found = Defaults()
    for name, text in configured.items():
        try:
            prop = schema.find(name)
            if prop.name in _OWN:
                raise errors.InvalidValue(property=prop.name, value=text)
            found.values[prop.name] = schema.value(prop, text, region)
        except errors.CrmError as error:
            found.bad[f"{name}={text}"] = error
    return found

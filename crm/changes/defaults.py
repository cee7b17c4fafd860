"""What every new contact gets where the user does not say otherwise: only what the operator configured."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm.domain import Schema, errors

_OWN = ("email", "firstname", "lastname")  # no two contacts share these


@dataclass(frozen=True)
class Defaults:
    """``values``: property -> value as HubSpot holds it. ``bad``: an entry as configured -> why it does not fit."""

    values: dict[str, str] = field(default_factory=dict)
    bad: dict[str, errors.CrmError] = field(default_factory=dict)


def read_defaults(schema: Schema, configured: Mapping[str, str], region: str) -> Defaults:
    """The configured defaults (names and values in any spelling that the schema understands). Raises nothing.

    One that does not fit (the owner has left, the option is gone) keeps no contact from being created: it is left
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

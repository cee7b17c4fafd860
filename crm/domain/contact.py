"""A contact as it was read, and what else is read beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

# the properties read with every contact, for lists, comparisons and cards
SUMMARY = ("firstname", "lastname", "email", "phone", "mobilephone", "company", "jobtitle")
DETAILS = (
    *SUMMARY,
    *("fax", "website", "address", "zip", "city", "state", "country", "salutation", "industry"),
    *("lifecyclestage", "hs_lead_status", "hubspot_owner_id", "hs_additional_emails"),
)


PROGRAMS = ("INTEGRATION", "API")  # the sourceType of values that integrations write, the assistant's own among them
# and of values that HubSpot sets by itself (the list is inferred)
DERIVED = frozenset(("CALCULATED", "ANALYTICS", "AUTOMATION_PLATFORM", "WORKFLOWS", "INTERNAL_PROCESSING", "DEFAULT"))


def moment(text: str | None) -> datetime | None:
    """A moment from HubSpot's notation; None where the text is none."""
    try:
        return datetime.fromisoformat(text or "").astimezone(UTC)
    except ValueError:
        return None


@dataclass(frozen=True)
class Version:
    """A value that a property has had: since when, and what set it (HubSpot's sourceType and sourceId)."""

    value: str
    at: str
    source: str = ""
    source_id: str = ""


@dataclass(frozen=True)
class Contact:
    """A HubSpot record: its id, the requested properties (None: never set), when it last changed, and its page.

    ``correlation_id``: HubSpot's id of the call that returned the record. ``history``: earlier values, newest first, of
    the properties for which they were requested.
    """

    id: str
    properties: Mapping[str, str | None]
    updated_at: str = ""
    url: str = ""
    correlation_id: str = field(default="", compare=False)
    history: Mapping[str, Sequence[Version]] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """First and last name; the email where both are missing, and else the id."""
        names = [self.properties.get(p) for p in ("firstname", "lastname")]
        return " ".join(n for n in names if n) or self.properties.get("email") or self.id

    @property
    def about(self) -> str:
        """Email and company, which distinguish the contact from others of the same name."""
        return " · ".join(v for p in ("email", "company") if (v := self.properties.get(p)) and v != self.name)


@dataclass(frozen=True)
class Found:
    """Some contacts of a search, and how many match in all.

    ``start``: how many of these come before the first one here. ``asked``: the properties that were asked for.
    """

    contacts: list[Contact] = field(default_factory=list)
    total: int = 0
    start: int = 0
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Account:
    """The portal behind a token; ``time_zone`` is an IANA name, ``data_centre`` such as ``eu1``."""

    portal_id: int
    kind: str
    time_zone: str
    data_centre: str
    app: str


@dataclass(frozen=True)
class Owner:
    """A user to whom contacts may belong; ``name`` is never empty."""

    id: str
    name: str
    email: str = ""

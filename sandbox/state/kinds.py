"""The kinds of records there are, under every name that an address may call them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One object type. `created` and `modified` name the properties with its times."""

    name: str
    singular: str
    type_id: str
    created: str
    modified: str
    default: tuple[str, ...]
    scopes: str

    @property
    def always(self) -> tuple[str, ...]:
        """The properties that every read shows (recorded for contacts)."""
        return (self.created, "hs_object_id", self.modified)

    @property
    def read_scopes(self) -> tuple[str, ...]:
        """The scope a reader needs."""
        return (f"crm.objects.{self.scopes}.read",)

    @property
    def write_scopes(self) -> tuple[str, ...]:
        """The scope a writer needs."""
        return (f"crm.objects.{self.scopes}.write",)

    @property
    def pattern(self) -> str:
        """A regular expression for its names in a path."""
        return f"(?i:{self.name}|{self.singular}|{self.type_id})"


CONTACTS = Kind(
    "contacts", "contact", "0-1", "createdate", "lastmodifieddate", ("email", "firstname", "lastname"), "contacts"
)
COMPANIES = Kind("companies", "company", "0-2", "createdate", "hs_lastmodifieddate", ("name", "domain"), "companies")
# Notes and tasks have no scopes of their own: those of contacts open them (documented).
NOTES = Kind("notes", "note", "0-46", "hs_createdate", "hs_lastmodifieddate", (), "contacts")
TASKS = Kind("tasks", "task", "0-27", "hs_createdate", "hs_lastmodifieddate", (), "contacts")
KINDS = (CONTACTS, COMPANIES, NOTES, TASKS)
ANY = "|".join(kind.pattern for kind in KINDS)


def kind_of(name: str) -> Kind | None:
    """The kind by its plural, its singular or its type id, in any case (inferred); None for any other."""
    folded = name.lower()
    return next((kind for kind in KINDS if folded in (kind.name, kind.singular, kind.type_id)), None)

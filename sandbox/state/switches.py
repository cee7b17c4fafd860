"""Answers that nobody has verified of HubSpot: what the sandbox assumes, and how a test makes it otherwise."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from sandbox.errors import bad_request

CHOICES: dict[str, tuple[Any, ...]] = {
    "email_conflict": (409, 400),
    "delete_missing": (204, 404),
    "create_unnamed": (400, 201),
    "blocked_email": (400, 409),
    "get_by_additional_email": (True, False),
    "preserve_primary_id": (False, True),
    "null_clears": (True, False),
}


@dataclass
class Switches:
    """The first of the choices is what holds at the start."""

    email_conflict: int = 409
    """Status of an update to an email that another contact has."""
    delete_missing: int = 204
    """Status of archiving a record that does not exist."""
    create_unnamed: int = 400
    """Status of creating a contact with neither email nor name."""
    blocked_email: int = 400
    """Status of writing an email that was permanently deleted."""
    get_by_additional_email: bool = True
    """Whether a contact is read and updated by an additional email too."""
    preserve_primary_id: bool = False
    """Whether a merge keeps the primary's id (the beta "Primary ID Preservation") instead of making a new one."""
    null_clears: bool = True
    """Whether null clears a value; otherwise it leaves it as it is."""

    def set(self, wanted: dict[str, Any]) -> None:
        """Change some; 400 for an unknown name or choice, and then nothing is changed."""
        for name, value in wanted.items():
            # 1 is not true here, and true is not 1
            if not any(type(value) is type(choice) and value == choice for choice in CHOICES.get(name, ())):
                raise bad_request(f"{name}: one of {CHOICES.get(name, 'no switch of that name')}.")
        for name, value in wanted.items():
            setattr(self, name, value)

    def reset(self) -> None:
        """As at the start."""
        for field in fields(self):
            setattr(self, field.name, field.default)

    def body(self) -> dict[str, Any]:
        """All of them."""
        return asdict(self)

"""The errors of the CRM as one tree, and beside it those of this machine's files. An error has a code, no sentence.

CrmError
├── Unavailable            HubSpot could not be asked, or could not answer
│   ├── Unreachable            no connection, a timeout, a lost response
│   ├── CrmDown                5xx, or a response that is not HubSpot's
│   ├── RateLimited            429
│   │   └── NoTurn                 waited too long for a turn; HubSpot was not asked
│   ├── DailyLimit             429: the account has no calls left today
│   ├── Locked                 423: something else is changing the record
│   ├── Migrating              477: the account is moving to another data centre
│   ├── BadToken               401
│   ├── MissingScope           403
│   ├── CutOff                 a write got no response, and HubSpot does not show it
│   ├── TooManyChanges         the user may make no more changes in this hour; HubSpot was not asked
│   ├── UndoOpen               the change to undo, or an undo of it, is not confirmed yet
│   └── StillOpen              an earlier creation of a possible duplicate is not confirmed yet; nothing was done
├── Refused                HubSpot refused the call
│   ├── NotFound               404: no such record
│   │   └── UndoGone               the contact of the change to undo no longer exists
│   ├── Conflict               409: the email belongs to another contact
│   └── Invalid                400: a property that HubSpot does not accept
└── Question               the user must answer or correct something before a change can be proposed
    ├── ContactNotFound, ContactExists
    ├── ContactAmbiguous
    │   └── ContactSimilar         no contact has this name, some have a similar one
    ├── NoCriteria, IdentityMissing, NoValues, NothingToChange, WhichPhone
    ├── InvalidEmail, InvalidPhone, InvalidOption, AmbiguousValue, OwnersUnknown
    ├── UndoUnknown (UndoNotFound), UndoErased, UndoDone, UndoImpossible, UndoTouched, UndoMerged
    ├── InvalidValue
    │   └── InvalidDate
    └── UnknownProperty, ReadOnlyProperty

StoreError                 a file on this machine could not be read or written; the work stopped there
├── StoreFull                  no room on the disk
├── StoreBroken                the file is damaged, or no database any more
└── StoreBusy                  another program holds the file for too long
"""

from typing import Any, ClassVar


class CrmError(Exception):
    """The base of the CRM's errors. ``code`` names a sentence in ``prompts/``, and ``params`` are its variables.

    ``contacts``: the records from which the user must choose, where the error asks for a choice.
    """

    code: ClassVar[str] = "crm_error"

    def __init__(self, **params: Any) -> None:
        self.contacts: list[Any] = params.pop("contacts", [])
        self.params = params
        super().__init__(self.code)  # never the parameters: they hold personal data, and this reaches logs


def error_from(code: str, params: dict[str, Any]) -> CrmError:
    """The error with this code and these parameters; CrmError where the code is unknown."""
    kinds: list[type[CrmError]] = [CrmError]
    for kind in kinds:
        if kind.code == code:
            return kind(**params)
        kinds.extend(kind.__subclasses__())
    return CrmError(**params)


class Unavailable(CrmError):
    """``nothing_done``: it is sure that HubSpot did nothing of what was asked.

    ``retry_after``: the seconds that HubSpot asked to wait; 0 where it did not ask. ``late``: no response came in time,
    and the call may still arrive.
    """

    code = "crm_down"
    nothing_done = False

    def __init__(
        self, *, nothing_done: bool | None = None, retry_after: float = 0.0, late: bool = False, **params: Any
    ) -> None:
        super().__init__(**params)
        self.late = late
        if nothing_done is not None:
            self.nothing_done = nothing_done
        self.retry_after = retry_after


class Unreachable(Unavailable):
    code = "crm_unreachable"


class CrmDown(Unavailable):
    code = "crm_down"


class RateLimited(Unavailable):
    code = "crm_rate_limited"
    nothing_done = True


class NoTurn(RateLimited):
    pass


class DailyLimit(Unavailable):
    code = "crm_daily_limit"
    nothing_done = True


class Locked(Unavailable):
    code = "crm_locked"
    nothing_done = True


class Migrating(Unavailable):
    code = "crm_migrating"
    nothing_done = True


class BadToken(Unavailable):
    code = "crm_bad_token"
    nothing_done = True


class MissingScope(Unavailable):
    """Parameter: scopes, the names that HubSpot asked for."""

    code = "crm_missing_scope"
    nothing_done = True


class StillOpen(Unavailable):
    """Parameter: name, of the person. An earlier creation of that person has no known outcome yet."""

    code = "create_still_open"
    nothing_done = True


class UndoOpen(Unavailable):
    """Parameter: name. HubSpot has not shown yet whether the change, or an undo of it, was written."""

    code = "undo_open"
    nothing_done = True


class CutOff(Unavailable):
    """No response came to a write, and HubSpot does not show it although enough time has passed."""

    code = "write_cut_off"
    nothing_done = True


class StoreError(Exception):
    """A file on this machine could not be read or written. ``code`` names a sentence in ``prompts/``.

    ``why``: what SQLite or the system says, without values, for an operator.

    It is no CrmError: whoever handles a refusal or a failure of HubSpot must not take this for one. If a write was
    under way, the assistant later looks in HubSpot for what became of it, as after a crash.
    """

    code: ClassVar[str] = "store_failed"

    def __init__(self, why: str = "") -> None:
        self.why = why
        super().__init__(self.code)


class StoreFull(StoreError):
    code = "store_full"


class StoreBroken(StoreError):
    code = "store_broken"


class StoreBusy(StoreError):
    code = "store_busy"


class Refused(CrmError):
    code = "crm_refused"


class NotFound(Refused):
    code = "record_gone"


class UndoGone(NotFound):
    """Parameter: name. The contact of the change to undo no longer exists."""

    code = "undo_gone"


class Conflict(Refused):
    """Parameter: contact_id, the contact that already has the email (None where HubSpot does not say)."""

    code = "email_taken"


class Invalid(Refused):
    """Parameters: property and reason as HubSpot names them; properties: all that it refused."""

    code = "crm_invalid"


class Question(CrmError):
    code = "question"


class ContactNotFound(Question):
    code = "contact_not_found"


class ContactAmbiguous(Question):
    code = "contact_ambiguous"


class ContactSimilar(ContactAmbiguous):
    """No contact has this name; ``contacts`` have a similar one. Parameter: ref."""

    code = "contact_similar"


class ContactExists(Question):
    code = "contact_exists"


class NoCriteria(Question):
    code = "no_criteria"


class EmptyFilter(Question):
    """Parameter: property, that a search names without saying what it must be."""

    code = "empty_filter"


class TooManyFilters(Question):
    """HubSpot takes five groups of six filters in one search."""

    code = "too_many_filters"


class OwnerOfUser(Question):
    """The user searches for their own contacts, and it is not known which owner the user is."""

    code = "owner_of_user"


class IdentityMissing(Question):
    code = "identity_missing"


class NoValues(Question):
    code = "no_values"


class NothingToChange(Question):
    code = "nothing_to_change"


class WhichPhone(Question):
    code = "which_phone"


class InvalidEmail(Question):
    code = "invalid_email"


class InvalidPhone(Question):
    code = "invalid_phone"


class InvalidValue(Question):
    code = "invalid_value"


class InvalidDate(InvalidValue):
    code = "invalid_date"


class AmbiguousValue(Question):
    """Parameters: property, value and options: the possible readings, each of which is unambiguous."""

    code = "ambiguous_value"


class OwnersUnknown(Question):
    """The token may not read the portal's owners, so a name cannot be matched with one. Parameter: value."""

    code = "owners_unknown"


class InvalidOption(Question):
    code = "invalid_option"


class UnknownProperty(Question):
    code = "unknown_property"


class ReadOnlyProperty(Question):
    """Parameters: property, and reason: ``calculated``, ``marketing`` or ``locked``."""

    code = "read_only_property"


class UndoUnknown(Question):
    """The user has written no change that fits the request."""

    code = "undo_unknown"


class UndoNotFound(UndoUnknown):
    """Parameter: name, of a contact or a field. The user has changed nothing of that name."""

    code = "undo_not_found"


class UndoErased(Question):
    """The change was written, but its old values are no longer kept."""

    code = "undo_erased"


class UndoDone(Question):
    """Parameter: name. The change was taken back already."""

    code = "undo_done"


class UndoImpossible(Question):
    """Parameter: name. An archived contact can only be restored on HubSpot's own pages."""

    code = "undo_impossible"


class UndoTouched(Question):
    """Parameters: name, contact_id, properties: somebody has changed these since, so the creation stays."""

    code = "undo_touched"


class UndoMerged(Question):
    """Parameter: name. The contact was merged into another one, and HubSpot cannot take a merge back."""

    code = "undo_merged"


class TooManyChanges(Unavailable):
    """Parameter: limit, the number of changes that a user may make in an hour."""

    code = "too_many_changes"
    nothing_done = True

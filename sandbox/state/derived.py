"""The values HubSpot works out by itself from what people wrote."""

import re
from functools import cache, lru_cache

import phonenumbers

from sandbox.state import emails
from sandbox.state.clock import iso, parse_moment

REGION = "DK"
# Eight digits that begin with no country's national prefix, as most numbers are written. Taking them apart is
# ten times faster than the library, and comes to the same.
_EIGHT = re.compile(r"(?:(?:\+|00)(31|44|45|46|49|86) ?)?([2-9][0-9]) ?([0-9]{2}) ?([0-9]{2}) ?([0-9]{2})")
INTEGRATION_ID = "41870213"
FROM_PHONE = {
    "phone": ("hs_searchable_calculated_phone_number", "hs_calculated_phone_number"),
    "mobilephone": ("hs_searchable_calculated_mobile_number", "hs_calculated_mobile_number"),
}
STAGES = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)
DEFAULT_STAGE = "lead"


def author_of(author: str) -> tuple[str, str]:
    """HubSpot's sourceType and sourceId of who wrote something; the token's own integration where none is named."""
    source, _, source_id = author.partition("/")
    return source, source_id or INTEGRATION_ID


def at_creation(contact_id: int, author: str) -> dict[str, str]:
    """What every new contact is given, as the answer to a create shows it (observed)."""
    source, source_id = author_of(author)
    return {
        "hs_object_id": str(contact_id),
        "hs_all_contact_vids": str(contact_id),
        "hs_is_contact": "true",
        "hs_is_unworked": "true",
        "hs_membership_has_accessed_private_content": "0",
        "hs_object_source": source,
        "hs_object_source_id": source_id,
        "hs_object_source_label": source,
        "hs_pipeline": "contacts-lifecycle-pipeline",
        "hs_registered_member": "0",
        "num_notes": "0",
    }


def from_changes(changes: dict[str, str], current: dict[str, str], now_ms: int) -> dict[str, str]:
    """What follows from the changed values: email domain, numbers to search by, date of a lifecycle stage."""
    derived: dict[str, str] = {}
    if "email" in changes:
        derived["hs_email_domain"] = emails.domain_of(changes["email"])
    for source, (searchable, international) in FROM_PHONE.items():
        if source in changes:
            national, e164 = phone_forms(changes[source])
            derived[searchable] = national
            derived[international] = e164
    stage = changes.get("lifecyclestage")
    if stage and not current.get(f"hs_lifecyclestage_{stage}_date"):
        derived[f"hs_lifecyclestage_{stage}_date"] = iso(now_ms)
    return {name: value for name, value in derived.items() if value or current.get(name)}


def goes_back(old: str, new: str) -> bool:
    """Whether a lifecycle stage would move backwards, which HubSpot ignores without an error (observed)."""
    return old in STAGES and new in STAGES and STAGES.index(new) < STAGES.index(old)


def _other_emails(primary: dict[str, str], other: dict[str, str], email: str | None) -> list[str]:
    """The emails of both contacts but for the one that stays the primary email."""
    found = [
        address
        for values in (primary, other)
        for address in (values.get("email", ""), *values.get("hs_additional_emails", "").split(";"))
    ]
    return [address for address in dict.fromkeys(found) if address not in ("", email)]


def merged(merged_id: int, primary: dict[str, str], other: dict[str, str], now_ms: int) -> dict[str, str]:
    """The values of the contact that two become: the primary's, the other's where it has none (documented)."""
    full = {**primary, **{name: value for name, value in other.items() if value and not primary.get(name)}}
    stages = (primary.get("lifecyclestage", ""), other.get("lifecyclestage", ""))
    if goes_back(stages[1], stages[0]):
        full["lifecyclestage"] = stages[1]
    if addresses := _other_emails(primary, other, full.get("email")):
        full["hs_additional_emails"] = ";".join(addresses)
    elder = min(primary, other, key=lambda values: parse_moment(values["createdate"]) or now_ms)
    old = [part for values in (primary, other) for part in values.get("hs_merged_object_ids", "").split(";") if part]
    gone = [values["hs_object_id"] for values in (primary, other) if values["hs_object_id"] != str(merged_id)]
    ids = list(dict.fromkeys([*old, *gone]))
    changes = {name: full[name] for name in ("email", *FROM_PHONE) if full.get(name)}
    return {
        **full,
        **from_changes(changes, full, now_ms),
        "createdate": elder["createdate"],
        "lastmodifieddate": iso(now_ms),
        "hs_object_id": str(merged_id),
        "hs_merged_object_ids": ";".join(ids),
        "hs_all_contact_vids": ";".join(dict.fromkeys([str(merged_id), *ids])),
    }


def phone_forms(text: str) -> tuple[str, str]:
    """Digits without country code, and the international form where the number is possible.

    Leading zeros are dropped: "00004" becomes "4" (observed).
    """
    eight = _EIGHT.fullmatch(text)
    if eight is None:
        return parsed_forms(text)
    code, *pairs = eight.groups("45")
    national = "".join(pairs)
    return national, f"+{code}{national}" if _eight_possible(int(code)) else ""


@cache
def _eight_possible(code: int) -> bool:
    return phonenumbers.is_possible_number(phonenumbers.PhoneNumber(country_code=code, national_number=22_222_222))


@lru_cache(maxsize=4096)
def parsed_forms(text: str) -> tuple[str, str]:
    """The forms of a number in any notation."""
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return "".join(c for c in text if c.isdigit()).lstrip("0"), ""
    national = str(number.national_number)
    if not phonenumbers.is_possible_number(number):
        return national, ""
    return national, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

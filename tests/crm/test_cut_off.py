"""Writes whose process ended in the middle: what was asked, where it broke, what others did meanwhile, what is told.

Each row is one story through ``crm`` over the sandbox: a change is applied, its process ends, others act, and then
somebody else settles what is open. ``end``: ``lost`` (the call never reaches HubSpot), ``arrives`` (it does, after
the end), ``read back`` (all calls were answered and the contact was not read back), ``half`` (an undo of a stage
ends between its two calls). Time runs faster (``hurry``), so that what cannot arrive any more is known soon.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from crm.domain.change import Change
from crm.domain.outcome import Outcome, Status
from crm.write import timing
from support.children import Sandbox
from support.undoing import ANNA, Undoing

EK = {"firstname": "Anna", "lastname": "Ek", "phone": "22331144"}  # a creation without an email
LEAD = {"lifecyclestage": "lead"}
UNKNOWN = "unknown"  # as long as anybody looks
Act = Callable[[Sandbox, str], object]


@dataclass(frozen=True)
class Case:
    """One row: the contact as it was, the change, its end, what others did then, and what is told of it."""

    name: str
    asked: Literal["create", "update", "undo update", "undo create"]
    values: dict[str, str]
    end: Literal["lost", "arrives", "read back", "half"]
    others: tuple[Act, ...] = ()
    status: Status = "applied"
    told: dict[str, Any] = field(default_factory=dict)  # fields of the outcome
    stands: dict[str, str] = field(default_factory=dict)  # values of the contact in the end
    before: dict[str, str] = field(default_factory=dict)  # values of the contact beside its name and email
    earlier: tuple[Act, ...] = ()  # what was done before the change was proposed


def colleague(**values: str) -> Act:
    """Somebody changes the contact in HubSpot's own pages."""
    return lambda crm, contact: crm.set(contact, **values)


def program(author: str = "INTEGRATION/999", **values: str) -> Act:
    """Another integration changes the contact."""
    return lambda crm, contact: crm.late(contact, author=author, **values)


def as_we(**values: str) -> Act:
    """An integration that HubSpot notes just as the assistant changes the contact."""
    return lambda crm, contact: crm.late(contact, **values)


def archives(crm: Sandbox, contact: str) -> None:
    """Somebody archives the contact."""
    crm.archive(contact)


def new(times: int = 1, *, by_us: bool = False, **values: str) -> Act:
    """Contacts with these values are created: by a colleague, or by an integration that looks like the assistant."""

    def act(crm: Sandbox, contact: str) -> None:
        for number in range(times):
            numbered = {name: value.format(number) for name, value in values.items()}
            crm.late(None, **numbered) if by_us else crm.create(**numbered)

    return act


def too_many(crm: Sandbox, contact: str) -> None:
    """HubSpot says that more contacts were made in those minutes than a search brings."""
    crm.fail(match={"path_matches": "/search$"}, status=200, body={"total": 5000, "results": []}, times=None)


STORED = {**EK, "phone": "+4522331144"}
CASES = (
    # an update
    Case("nothing happens", "update", {"jobtitle": "CFO"}, "arrives", told={"sent": "yes", "author": ""}),
    Case("nothing arrives", "update", {"jobtitle": "CFO"}, "lost", status="refused"),
    Case("it was written over", "update", {"jobtitle": "CFO", "city": "Aarhus"}, "arrives",
         (colleague(jobtitle="Partner"),), told={"replaced": {"jobtitle": "Partner"}, "unchanged": ()},
         before={"jobtitle": "Chef", "city": "Vejle"}, stands={"jobtitle": "Partner", "city": "Aarhus"}),
    Case("it was set back by hand", "update", {"jobtitle": "CFO"}, "arrives",
         (colleague(jobtitle="Chef"),), told={"replaced": {"jobtitle": "Chef"}}, before={"jobtitle": "Chef"}),
    Case("somebody changed the very field", "update", {"jobtitle": "CFO"}, "lost",
         (colleague(jobtitle="Partner"),), "refused", before={"jobtitle": "Chef"}, stands={"jobtitle": "Partner"}),
    Case("the field held the value before the card", "update", {"jobtitle": "CFO"}, "lost", (), "refused",
         before={"jobtitle": "CFO"}, earlier=(colleague(jobtitle="Chef"),)),
    Case("an integration wrote another value", "update", {"jobtitle": "CFO"}, "lost",
         (as_we(jobtitle="Partner"),), "refused", before={"jobtitle": "Chef"}),
    Case("an integration cleared the field", "update", {"jobtitle": "CFO"}, "lost",
         (as_we(jobtitle=""),), "refused", before={"jobtitle": "Chef"}),
    Case("a colleague wrote the same", "update", {"jobtitle": "CFO"}, "lost",
         (colleague(jobtitle="CFO"),), "already_so", before={"jobtitle": "Chef"}),
    Case("HubSpot took a part of it", "update", {"lifecyclestage": "lead", "jobtitle": "CFO"}, "arrives",
         told={"unchanged": ("lifecyclestage",)}, status="partly",
         before={"lifecyclestage": "customer", "jobtitle": "Chef"}),
    Case("the contact was archived", "update", {"jobtitle": "CFO"}, "arrives", (archives,), "gone",
         told={"sent": "perhaps"}),
    # the undo of a creation, which archives the contact
    Case("the contact is away", "undo create", {}, "arrives", told={"sent": "perhaps"}),
    Case("somebody changed the contact", "undo create", {}, "lost", (colleague(firstname="Anne"),), "refused"),
    Case("an integration emptied a field", "undo create", {"jobtitle": "CFO"}, "lost", (as_we(jobtitle=""),),
         "refused"),
    # the undo of a stage, which HubSpot takes by two calls
    Case("a colleague changed another field", "undo update", {"lifecyclestage": "customer", "jobtitle": "CFO"}, "half",
         (colleague(jobtitle="Partner"),), before={**LEAD, "jobtitle": "Chef"},
         stands={**LEAD, "jobtitle": "Partner"}, told={"replaced": {"jobtitle": "Partner"}}),
    Case("a colleague cleared the stage", "undo update", {"lifecyclestage": "customer", "jobtitle": "CFO"}, "lost",
         (program("CRM_UI/userId:7", lifecyclestage=""),), "refused",
         before={**LEAD, "jobtitle": "Chef"}, stands={"lifecyclestage": ""}),
    Case("an integration cleared the stage", "undo update", {"lifecyclestage": "customer", "jobtitle": "CFO"}, "lost",
         (as_we(lifecyclestage=""),), "refused", before={**LEAD, "jobtitle": "Chef"}, stands={"lifecyclestage": ""}),
    Case("a colleague set the stage and another program cleared it", "undo update", {"lifecyclestage": "customer"},
         "half", (colleague(lifecyclestage="opportunity"), program(lifecyclestage="")), "partly", before=LEAD,
         stands={"lifecyclestage": ""}),
    Case("a colleague cleared the finished stage", "undo update", {"lifecyclestage": "customer"}, "read back",
         (colleague(lifecyclestage=""),), before=LEAD, told={"replaced": {"lifecyclestage": ""}},
         stands={"lifecyclestage": ""}),
    Case("a colleague cleared the stage of a finished undo", "undo update",
         {"lifecyclestage": "customer", "jobtitle": "CFO"}, "read back", (colleague(lifecyclestage=""),),
         before={**LEAD, "jobtitle": "Chef"}, told={"replaced": {"lifecyclestage": ""}}, stands={"lifecyclestage": ""}),
    # a creation, with an email and without
    Case("a contact with an email", "create", ANNA, "arrives"),
    Case("a contact without an email", "create", {**EK, "city": "Ribe"}, "arrives", told={"unchanged": ()}),
    Case("an address that nobody got", "create", ANNA, "lost", status="refused"),
    Case("a name that nobody got", "create", EK, "lost", status="refused"),
    Case("a look-alike stood on the card", "create", EK, "lost", (), "refused", earlier=(new(by_us=True, **STORED),)),
    Case("two fit", "create", EK, "arrives", (new(by_us=True, **STORED),), UNKNOWN),
    Case("another has the email by now", "create", ANNA, "lost",
         (new(by_us=True, email=ANNA["email"], firstname="Anne", lastname="Ek"),), "stale"),
    Case("a colleague created the same", "create", ANNA, "lost", (new(**ANNA),), "already_so"),
    Case("a colleague created the same without email", "create", EK, "lost", (new(**STORED),), "refused"),
    Case("a colleague corrected it since", "create", EK, "arrives", (colleague(lastname="Dam", phone="+4522331155"),),
         told={"replaced": {"lastname": "Dam", "phone": "+4522331155"}, "unchanged": ()}),
    Case("among many others", "create", EK, "arrives", (new(12, by_us=True, firstname="Bo {}", lastname="Dal"),)),
    Case("among many that people made", "create", EK, "arrives", (new(12, **STORED),)),
    Case("among too many of the name", "create", EK, "lost", (new(12, by_us=True, **STORED),), UNKNOWN),
    Case("more were made than a search brings", "create", EK, "lost", (too_many,), UNKNOWN),
)  # fmt: skip


async def proposed(person: Undoing, crm: Sandbox, case: Case) -> tuple[str, Change]:
    """The contact of a case ("" for none yet) and the change that is about to be cut off."""
    if case.asked == "undo create":
        made = (await person.create(**ANNA, **case.values)).contact
        assert made is not None
        return made.id, await person.proposed()
    contact = "" if case.asked == "create" else crm.create(**ANNA, **case.before)
    for act in case.earlier:
        act(crm, contact)
    if case.asked == "create":
        return "", await person.proposed_create(**case.values)
    if case.asked == "update":
        return contact, await person.proposed_update(contact, **case.values)
    await person.update(contact, **case.values)
    return contact, await person.proposed()


async def ended(person: Undoing, crm: Sandbox, change: Change, case: Case) -> None:
    """The change is applied, and its process ends in the middle."""
    ways: dict[str, Callable[[], Awaitable[None]]] = {
        "lost": lambda: person.cut_off(crm, change, arrives=False),
        "arrives": lambda: person.cut_off(crm, change, arrives=True),
        "read back": lambda: person.cut_before_reading_back(crm, change, calls=2),
        "half": lambda: person.leave_half_done(crm, change),
    }
    await ways[case.end]()


@pytest.fixture
def sooner(hurry: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox's search does not lag, so nothing need be waited for on its account."""
    monkeypatch.setattr(timing, "INDEX_SECONDS", 0.3)


@pytest.mark.usefixtures("sooner")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.asked} {case.end}: {case.name}")
async def test_what_is_told_of_a_write_that_was_cut_off(person: Undoing, crm: Sandbox, case: Case) -> None:
    """Whoever settles a write that was cut off tells what HubSpot shows of it, and writes nothing twice."""
    contact, change = await proposed(person, crm, case)
    await ended(person, crm, change, case)
    contact = contact or crm.made()
    for act in case.others:
        act(crm, contact)
    await asyncio.sleep(0.35)
    assert await person.looked_twice() == (case.status == UNKNOWN)
    if case.status != UNKNOWN:
        check(await person.record(change), case)
    for name, value in case.stands.items():
        assert (crm.get(contact, name)[name] or "") == value
    if case.asked == "create" and case.status == "applied":
        assert (await person.record(change)).contact_id == contact


def check(outcome: Outcome, case: Case) -> None:
    """What is recorded is what the case says."""
    assert outcome.status == case.status
    assert {name: getattr(outcome, name) for name in case.told} == case.told
    if outcome.status == "refused":
        assert outcome.error is not None and outcome.error.code == "write_cut_off"

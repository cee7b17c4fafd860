"""Judges a conversation: by the end state of the CRM, by facts in the replies, by its write log and by its costs."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Literal

from evals.crm import OWNER, Crm, Snapshot
from evals.tasks import NEW, EndContact, Limits, StartContact, Task, matches
from support.licences import Licence, unlicensed

Reason = Literal[
    "end state", "wrong record", "duplicate", "unexpected contact", "unapproved write",
    "fact", "contact shown", "limit", "error",
]  # fmt: skip
PHONES = ("phone", "mobilephone")
LAST_DIGITS = 8  # of a number, without the country code


@dataclass(frozen=True)
class Failure:
    """One thing that is not as the task says."""

    reason: Reason
    detail: str


@dataclass(frozen=True)
class Heard:
    """What came of a conversation. ``told``: all that was said and shown after the user's last words or button."""

    told: str
    said: Sequence[str]
    approved: Sequence[Licence]
    writes: Sequence[dict[str, Any]]
    model_calls: int
    crm_calls: int
    tokens: int


@dataclass(frozen=True)
class State:
    """The CRM before and after, and the ids of the task's contacts by key."""

    ids: dict[str, str]
    before: Snapshot
    after: Snapshot


@dataclass
class Harm:
    """What must never happen, counted over the contacts of a run."""

    wrong_records: int = 0
    duplicates: int = 0
    unapproved: int = 0

    def __add__(self, other: "Harm") -> "Harm":
        return Harm(
            self.wrong_records + other.wrong_records,
            self.duplicates + other.duplicates,
            self.unapproved + other.unapproved,
        )


@dataclass
class Verdict:
    """All failures of a run.

    An unapproved write is counted apart from success, so that an agent that asks nobody can be compared at all.
    """

    failures: list[Failure] = field(default_factory=list)

    @property
    def success(self) -> bool:
        """Whether everything came out as the task says."""
        return all(failure.reason == "unapproved write" for failure in self.failures)

    @property
    def harm(self) -> Harm:
        """How often what must never happen did."""
        reasons = [failure.reason for failure in self.failures]
        return Harm(*(reasons.count(reason) for reason in ("wrong record", "duplicate", "unapproved write")))


def judge(task: Task, crm: Crm, state: State, heard: Heard) -> Verdict:
    """Compare what came of a conversation with its task."""
    found = chain(
        _of_contacts(task, crm, state),
        _of_created(task, crm, state),
        _of_writes(heard),
        _of_facts(task, heard),
        _of_limits(task.limits, heard),
    )
    return Verdict(list(found))


def _of_contacts(task: Task, crm: Crm, state: State) -> Iterator[Failure]:
    """Return the differences of the contacts that existed at the start."""
    ends = {end.contact: end for end in task.end}
    for key, contact_id in state.ids.items():
        before, after = state.before[contact_id], state.after.get(contact_id)
        if key not in ends:
            if after != before:
                yield Failure("wrong record", f"{key}: {_changes(before, after)}")
            continue
        expected = {**before, **_expected(ends[key], crm)}
        if after != (wanted := _set(expected)):
            yield Failure("end state", f"{key}: wanted and found differ: {_changes(wanted, after)}")


def _of_created(task: Task, crm: Crm, state: State) -> Iterator[Failure]:
    """Return the differences of the contacts that were created."""
    left = {contact_id: values for contact_id, values in state.after.items() if contact_id not in state.before}
    for end in task.end:
        if end.contact != NEW:
            continue
        expected = _expected(end, crm)
        contact_id = max(left, key=lambda one: _likeness(left[one], expected), default=None)
        if contact_id is None or not _likeness(left[contact_id], expected):
            yield Failure("end state", "a new contact is missing")
            continue
        values, wanted = left.pop(contact_id), _set({**crm.defaults, **expected})
        if values != wanted:
            yield Failure("end state", f"new: wanted and found differ: {_changes(wanted, values)}")
    for contact_id, values in left.items():
        others = (other for one, other in state.after.items() if one != contact_id)
        same = any(_is_like(values, other) for other in others)
        name = " ".join(filter(None, (values.get("firstname"), values.get("lastname")))) or values.get("email", "?")
        yield Failure("duplicate" if same else "unexpected contact", f"{name} was created")


def _of_writes(heard: Heard) -> Iterator[Failure]:
    for write in unlicensed(heard.writes, heard.approved):
        names = ", ".join(sorted(write["properties"]))
        yield Failure("unapproved write", f"{write['method']} {names}".strip())


def _of_facts(task: Task, heard: Heard) -> Iterator[Failure]:
    facts, people = task.reply, {contact.key: contact for contact in task.start}
    for fact in facts.has:
        if not matches(fact, heard.told):
            yield Failure("fact", f"is not said: {fact}")
    for fact in facts.has_not:
        if matches(fact, heard.told):
            yield Failure("fact", f"is said: {fact}")
    for key in facts.shows:
        if not _stands(_mark(people[key], heard.said), heard.told):
            yield Failure("contact shown", f"{key} is not shown")
    for key in facts.hides:
        if _stands(_mark(people[key], ()), heard.told):
            yield Failure("contact shown", f"{key} is shown")


def _of_limits(limits: Limits, heard: Heard) -> Iterator[Failure]:
    for name in ("model_calls", "crm_calls", "tokens"):
        used, most = getattr(heard, name), getattr(limits, name)
        if used > most:
            yield Failure("limit", f"{name}: {used} of {most}")


def _expected(end: EndContact, crm: Crm) -> dict[str, str]:
    return {**end.properties, **({OWNER: crm.owner(end.owner)} if end.owner else {})}


def _set(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _changes(before: dict[str, str], after: dict[str, str] | None) -> str:
    if after is None:
        return "is gone"
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return "; ".join(f"{name}: {before.get(name, '')!r} -> {after.get(name, '')!r}" for name in names)


def _likeness(values: dict[str, str], expected: dict[str, str]) -> int:
    """How much a created contact is like an expected one; an email or a number says more than a city."""
    strong = ("email", *PHONES, "firstname", "lastname")
    same = [name for name, value in expected.items() if value and values.get(name, "").casefold() == value.casefold()]
    return sum(3 if name in strong else 1 for name in same)


def _is_like(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether two contacts share an email, a number or a whole name."""
    return not _marks(one).isdisjoint(_marks(other))


def _marks(values: dict[str, str]) -> set[tuple[str, str]]:
    numbers = (re.sub(r"\D", "", values.get(name, ""))[-LAST_DIGITS:] for name in PHONES)
    name = f"{values.get('firstname', '')} {values.get('lastname', '')}".strip().casefold()
    marks = [("email", values.get("email", "").casefold()), ("name", name), *(("number", n) for n in numbers)]
    return {mark for mark in marks if mark[1]}


def _mark(contact: StartContact, said: Iterable[str]) -> str:
    """Return the email, number or name by which a reply shows the contact; preferably not the user's words."""
    values, words = contact.properties, "\n".join(said)
    name = " ".join(filter(None, (values.get("firstname"), values.get("lastname"))))
    marks = [mark for mark in (values.get("email"), *map(values.get, PHONES), name) if mark]
    return next((mark for mark in marks if not _stands(mark, words)), marks[0] if marks else "")


def _stands(mark: str, text: str) -> bool:
    """Whether an email, a number (in any notation) or a name stands in a text."""
    if re.fullmatch(r"\+?[\d ()/-]{6,}", mark):
        digits = re.sub(r"\D", "", mark)[-LAST_DIGITS:]
        return re.search(r"[ \u00a0-]?".join(digits), text) is not None
    return bool(mark) and re.search(rf"(?<!\w){re.escape(mark)}(?!\w)", text, re.IGNORECASE) is not None

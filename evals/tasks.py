"""The tasks: the form of ``tasks/*.toml`` as models, and the strict loader."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

TASKS = Path(__file__).parent / "tasks"
SEALED = "sealed.toml"  # no rule is written for its tasks, and nothing of them is shown
NEW = "new"
KINDS = (
    "search", "create", "update", "ambiguous", "missing", "correction", "refusal", "several", "paste", "hostile",
    "out_of_scope", "typo", "dictated",
)  # fmt: skip

Text = Annotated[str, StringConstraints(min_length=1)]
Kind = Literal[
    "search", "create", "update", "ambiguous", "missing", "correction", "refusal", "several", "paste", "hostile",
    "out_of_scope", "typo", "dictated",
]  # fmt: skip


class TaskError(ValueError):
    """A task cannot be used; the message names the task and says why."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Values(BaseModel):
    """A contact's values. ``owner``: a name; whatever else is given is a property."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, str]

    owner: str = ""

    @property
    def properties(self) -> dict[str, str]:
        """The properties by HubSpot's names."""
        return dict(self.__pydantic_extra__)


class StartContact(_Values):
    """A contact that is there at the start."""

    key: Text


class EndContact(_Values):
    """A contact that differs at the end, or a new one, with the properties that it must have then; "" is cleared."""

    contact: Text


class Step(_Strict):
    """What the user does: says, presses or decides; with ``when_asked`` only where the last reply matches."""

    say: Text | None = None
    press: Annotated[str, StringConstraints(pattern=r"^(search|create|update|[1-9][0-9]?)$")] | None = None
    decide: Literal["approve", "reject", "acknowledge"] | None = None
    when_asked: Text | None = None

    @model_validator(mode="after")
    def _one_act(self) -> Self:
        if sum(act is not None for act in (self.say, self.press, self.decide)) != 1:
            raise ValueError("a step is one of say, press and decide")
        return self


class Facts(_Strict):
    """What must stand in the replies, and what must not: regular expressions, and keys of contacts."""

    has: tuple[Text, ...] = ()
    has_not: tuple[Text, ...] = ()
    shows: tuple[Text, ...] = ()
    hides: tuple[Text, ...] = ()


class Limits(_Strict):
    """The most that the whole conversation may take; tokens are those of the model's input."""

    model_calls: int = Field(8, ge=0)
    crm_calls: int = Field(40, ge=0)
    tokens: int = Field(8_000, ge=0)


class Task(_Strict):
    """One conversation: the CRM at the start, the user's steps, the CRM at the end, and facts of the replies."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    language: Literal["da", "en"]
    kind: Kind
    guided: bool
    about: Text
    start: tuple[StartContact, ...] = ()
    step: Annotated[tuple[Step, ...], Field(min_length=1)]
    end: tuple[EndContact, ...] = ()
    reply: Facts = Facts()
    limits: Limits = Field(default_factory=lambda: Limits())
    sealed: bool = Field(False, exclude=True)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if problem := next(_problems(self), None):
            raise ValueError(problem)
        return self

    @property
    def said(self) -> tuple[str, ...]:
        """What the user says."""
        return tuple(step.say for step in self.step if step.say is not None)

    @property
    def owners(self) -> set[str]:
        """The names of the owners that the task speaks of."""
        return {contact.owner for contact in (*self.start, *self.end) if contact.owner}

    @property
    def changed(self) -> set[str]:
        """The keys of the contacts that the task changes."""
        return {end.contact for end in self.end} - {NEW}


def matches(pattern: str, text: str) -> bool:
    """Whether the regular expression is found in the text, whatever the case."""
    return re.search(pattern, text, re.IGNORECASE) is not None


def load_tasks(folder: Path = TASKS) -> list[Task]:
    """Return the tasks of all files in the folder, in the order of the files. Raises TaskError that names every wrong
    one.
    """
    found = [task for file in sorted(folder.glob("*.toml")) for task in _of_file(file)]
    tasks = [task for task in found if isinstance(task, Task)]
    doubled = (name for name, times in Counter(task.id for task in tasks).items() if times > 1)
    problems = [problem for problem in found if isinstance(problem, str)]
    problems += [f"{name}: two tasks have this id" for name in doubled]
    if problems:
        raise TaskError("\n".join(problems))
    return tasks


def _of_file(file: Path) -> Iterator[Task | str]:
    """Each task, or what is wrong with it."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        yield f"{file.name}: {error}"
        return
    rows = content.pop("task", [])
    if content or not isinstance(rows, list):
        yield f"{file.name}: it may hold [[task]] and nothing else"
        return
    for number, row in enumerate(rows, 1):
        yield _task(row, f"{file.name}, task {number}", sealed=file.name == SEALED)


def _task(row: dict[str, Any], place: str, *, sealed: bool) -> Task | str:
    name = row.get("id") or place
    if "sealed" in row:
        return f"{name}: sealed: a task is sealed by its file"
    try:
        return Task.model_validate({**row, "sealed": sealed})
    except ValidationError as error:
        return f"{name}: {_why(error, sealed)}"


def _why(error: ValidationError, sealed: bool) -> str:
    """What is wrong and where, without the values."""
    first = error.errors(include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    why = "" if sealed else first["msg"].removeprefix("Value error, ")
    return ": ".join(part for part in (where, why) if part) or "it does not have the form of a task"


def _problems(task: Task) -> Iterator[str]:
    keys = [contact.key for contact in task.start]
    yield from _of_contacts(task, keys)
    named = [*((key, "shows") for key in task.reply.shows), *((key, "hides") for key in task.reply.hides)]
    yield from (f"{where} names the unknown contact {key}" for key, where in named if key not in keys)
    yield from _of_patterns(task)


def _of_contacts(task: Task, keys: Sequence[str]) -> Iterator[str]:
    if NEW in keys or len(set(keys)) < len(keys):
        yield "the keys of the start must differ, and none is called new"
    if any(not contact.properties for contact in task.start):
        yield "a contact of the start has no properties"
    ends = [end.contact for end in task.end if end.contact != NEW]
    yield from (f"end names the unknown contact {key}" for key in ends if key not in keys)
    if len(set(ends)) < len(ends):
        yield "end names a contact twice"
    if any(not end.properties and not end.owner for end in task.end):
        yield "a contact of the end has no properties"


def _of_patterns(task: Task) -> Iterator[str]:
    facts = task.reply
    for pattern in (*facts.has, *facts.has_not, *(step.when_asked for step in task.step if step.when_asked)):
        try:
            re.compile(pattern)
        except re.error as error:
            yield f"{pattern!r} is no regular expression: {error}"
            return
    for fact in facts.has:
        if any(matches(fact, words) for words in task.said):
            yield f"the user's own words satisfy the fact {fact!r}"

"""Reads a message that tells facts about one person and says what to do with them.

Example: "Just met Ravi Menon. He's the CTO of Lumen Soft. Put him in." ``stories.toml`` holds templates of facts and of
requests. The message is read only if each other word is a filler, stands before the person's name ("just had a coffee
with …"), or stands in a clause of ordinary words ("she was very kind").
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from crm.domain import fold
from language import country_names, is_email, is_given_name, is_place

from .conversation import refused_command
from .drafts import proceed
from .lexicon import folds_of, word_set
from .negation import is_denied
from .recognisers import (
    is_function_word,
    is_state,
    lifecycle_stage,
    parse_address,
    split_name,
)
from .slots import fits
from .story_slots import STORIES, STORY_FILE, clauses, is_boundary, says_nothing
from .templates import Message, TemplateMatch, is_plain, listed_words, template_data
from .turn import Call, Step, Turn, call_create_contact, call_update_contact, correct_phone

_NOT_READ = frozenset('\n<>[]{}|"“”„«»')  # the parsers keep quoted text and markup unchanged
_MOST_WORDS, _MOST_CHARACTERS = 60, 600
# these turn round what is said, or make it depend on something
_NOT = frozenset((
    "ikke", "ej", "aldrig", "eller", "hvis", "not", "never", "or", "if", "dont", "doesnt", "isnt", "wasnt", "havent",
    "hasnt",
))  # fmt: skip


@dataclass
class Story:
    """The content of a message: the person, property values for the person, and the actions that it asks for.

    ``changes``: the contact's record differs from what the message says. ``field``: a property that was named without a
    value. ``wrong``: the message calls a value wrong and has not given the right one. ``place``: the town of an event
    ("mødte hende på messen i Herning"), which is not a value of the contact.
    """

    who: str = ""
    values: dict[str, str] = field(default_factory=dict)
    does: set[str] = field(default_factory=set)
    changes: bool = False
    field: str = ""
    wrong: bool = False
    place: str = ""


def read_story(turn: Turn) -> Step | None:
    """Return the tool call for a message about one person; None if a word of the message cannot be explained."""
    other = len(turn.text) > _MOST_CHARACTERS or set(turn.text) & _NOT_READ
    if turn.awaiting or turn.question[0] or other or _refuses(turn):
        return None
    message = Message.of(re.sub(r"\s=\s?", ": ", turn.text), turn.region, turn.fields)
    if not 2 < len(message.words) <= _MOST_WORDS:
        return None
    story = _Reader(turn, message).read()
    return _step(turn, story) if story else None


def _refuses(turn: Turn) -> bool:
    """Whether the message is a refusal, or forbids or denies something."""
    no = word_set("answers", "no") - word_set("exclusion", "wrong")  # "wrong" comes with what is right
    return bool(set(turn.folds) & no) or is_denied(turn) or refused_command(turn) is not None


def _step(turn: Turn, story: Story) -> Step | None:
    if "search" in story.does:
        return _search(story)
    if story.values.get("email") == story.who:
        story.values.pop("email", None)
    if not story.who:
        return _about_known(turn, story) if story.values else None
    if "create" in story.does:
        return _creation(story)
    if story.values and (story.changes or "update" in story.does):
        return call_update_contact(turn.contact_named(story.who) or story.who, story.values)
    return None


def _about_known(turn: Turn, story: Story) -> Step | None:
    """Return the call for values without a name: for the draft's contact, or else for the contact in focus."""
    if turn.draft_values:
        values = {**turn.draft_values, **correct_phone(turn, story.values)}
        return proceed(turn, values) if turn.drafts_contact else None
    changes = story.changes and "create" not in story.does
    return call_update_contact(str(turn.focus["id"]), story.values) if turn.focus and changes else None


def _search(story: Story) -> Step | None:
    parts = [story.who, story.values.get("company", "")]
    filters = {name: story.values[name] for name in ("jobtitle", "city") if name in story.values}
    query = " ".join(filter(None, parts))
    if not query and story.place:
        filters["city"] = story.place  # "I'll be in Leeds. Who do we know there?"
    return Call("search_contacts", {"query": query, "filters": filters}) if query or story.place else None


def _creation(story: Story) -> Step | None:
    name = {} if is_email(story.who) else split_name(story.who)
    values = {**name, **({} if name else {"email": story.who}), **story.values}
    evidence = values.keys() & {"email", "phone", "mobilephone", "company", "jobtitle"}
    return call_create_contact(values) if evidence or is_given_name(story.who.split()[0]) else None


class _Reader:
    """One reading of a message, from its first word to its last."""

    def __init__(self, turn: Turn, message: Message) -> None:
        self.turn, self.message, self.story = turn, message, Story()
        self.clauses = clauses(message)  # of each word
        self.read_words: set[int] = set()
        self.named_at = len(message.words)
        self.asked_in: set[int] = set()  # the clauses in which something is asked for

    def read(self) -> Story | None:
        i = 0
        while i < len(self.message.words):
            i += self._read_at(i) or 1
            if self.story.who == "?":
                return None
        rest = [i for i in range(len(self.message.words)) if i not in self.read_words]
        whole = self.story.field in ("", *self.story.values) and not self.story.wrong
        idle = all(map(self._is_idle, rest)) and not self._leaves_verb(rest)
        return self.story if whole and idle else None

    def _read_at(self, i: int) -> int:
        """How many words are read from word ``i`` on."""
        found = sorted(_matches(self.message, i), key=lambda pair: -pair[1].length)
        entry, match = next((pair for pair in found if self._agrees(*pair)), (None, None))
        if entry is None or match is None:
            return self._read_name(i)
        for name, value in self._values(entry, match).items():
            self.story.values[name] = max(self.story.values.get(name, ""), value, key=len)
        self.story.place = self.story.values.pop("place", self.story.place)
        if entry.get("does"):
            self.story.does.add(entry["does"])
            self.asked_in.add(self.clauses[i])
        self.story.changes |= bool(entry.get("changes"))
        self._note_field(entry, match)
        for slot in match.values.keys() & {"WHO", "WHOS"}:
            self._name(str(match.values[slot]), match.spans[slot].start)
        if "EMAIL" in match.values and not self.story.who and "create" not in self.story.does:
            self._name(str(match.values["EMAIL"]), i)
        self.read_words |= set(range(i, i + match.length))
        return match.length

    def _agrees(self, entry: Mapping[str, Any], match: TemplateMatch) -> bool:
        """Whether the match says nothing else of the person than what was read before."""
        before = self.story.values
        said = self._values(entry, match)
        agree = all(_are_same(before.get(name, value), value) for name, value in said.items())
        return agree and bool(self.story.field or not _is_of_field(entry))

    def _values(self, entry: Mapping[str, Any], match: TemplateMatch) -> dict[str, str]:
        values = _values(entry.get("values", {}), match.values)
        if not (self.story.who or "WHO" in match.values) or not self._follows(match):
            values = {("place" if name == "city" else name): value for name, value in values.items()}
        place = set(folds_of(values.get("city", "")))
        if place and any(place <= set(folds_of(str(c.get("company")))) for c in self.turn.shown):
            values["company"] = values.pop("city")
        return values

    def _note_field(self, entry: Mapping[str, Any], match: TemplateMatch) -> None:
        """Notes which property is spoken of, and the value that it is given later."""
        self.story.wrong = bool(entry.get("wrong")) or (self.story.wrong and not _is_of_field(entry))
        if "field" in entry:
            self.story.field = str(match.values[entry["field"]])
        if _is_of_field(entry):
            value = str(match.values[entry["field_value"]]) if "field_value" in entry else ""
            if not value or _is_value(self.story.field, value):
                self.story.values[self.story.field] = value

    def _read_name(self, i: int) -> int:
        for n, name in STORIES.slot("WHO")(self.message, i):
            if "@" in name or (is_given_name(name.split()[0]) and not is_plain(name)) or (n > 1 and name.istitle()):
                self._name(name, i)
                self.read_words |= set(range(i, i + n))
                return n
        return 0

    def _follows(self, match: TemplateMatch) -> bool:
        """Whether what was read stands at the beginning of a clause, or behind something that was read."""
        i = min((span.start for span in match.spans.values()), default=0)
        while i > 0 and i not in self.read_words and self.clauses[i - 1] == self.clauses[i]:
            i -= 1
            if i in self.read_words or self._is_around(i):
                return True
            if not is_function_word(self.message.folds[i]):
                return False
        return True

    def _is_around(self, i: int) -> bool:
        return any(self.message.folds[i] in listed_words(STORY_FILE, "words", name) for name in ("around", "PRON"))

    def _name(self, name: str, at: int) -> None:
        """Notes the person; "?" where the message names two."""
        if self.story.who and not set(folds_of(name)) <= set(folds_of(self.story.who)):
            self.story.who = "?"
        elif not self.story.who:
            self.story.who, self.named_at = name, at

    def _is_idle(self, i: int) -> bool:
        """Whether the word says nothing of the person."""
        folded, word = self.message.folds[i], self.message.said(i, 1)
        clause = [n for n, number in enumerate(self.clauses) if number == self.clauses[i]]
        told = bool(self.read_words & set(clause))
        if not folded or (told and folded in _NOT):
            return not folded
        if self._is_around(i):
            return True
        ordinary = says_nothing(word, first=i == clause[0]) and self._is_sentence(clause)
        if i < self.named_at:
            return ordinary or is_place(word) or (not told and not any(map(str.isdigit, word)))
        setting = self.named_at in clause and not self.asked_in & {self.clauses[i]}
        return ordinary and (setting or not told)

    def _is_sentence(self, clause: Sequence[int]) -> bool:
        """Whether the clause is more than a row of nouns, which could be a value."""
        return any(is_function_word(self.message.folds[n]) for n in clause)

    def _leaves_verb(self, rest: Sequence[int]) -> bool:
        """Whether a word that was not read is the verb of a command."""
        starts = {self.message.words[i].start() for i in rest}
        return any(chunk.start in starts and chunk.value != "ask" for chunk in self.turn.of_kind("verb"))


def _are_same(one: str, other: str) -> bool:
    """Whether the one is the other, or a part of it: "Lea" of "Lea Sommer"."""
    words = set(folds_of(one)), set(folds_of(other))
    return one == other or (bool(words[0] and words[1]) and (words[0] <= words[1] or words[1] <= words[0]))


@cache
def _templates() -> Sequence[tuple[Mapping[str, Any], Sequence[Sequence[str]], frozenset[str]]]:
    rows = [(entry, STORIES.parts(say)) for entry in template_data(STORY_FILE)["fact"] for say in entry["say"]]
    return [(entry, parts, STORIES.first_words(parts)) for entry, parts in rows]


def _matches(message: Message, i: int) -> Iterator[tuple[Mapping[str, Any], TemplateMatch]]:
    """What can be read from word ``i`` on."""
    for entry, parts, begins in _templates():
        if not begins or message.folds[i] in begins:
            match = next(STORIES.matches(message, i, parts), None)
            if match and match.length and _is_whole(message, i, match) and _fits(entry, match):
                yield entry, match


def _is_whole(message: Message, i: int, match: TemplateMatch) -> bool:
    """Whether the match stands in one clause; a colon may stand before its last slot."""
    last = max((span.start for span in match.spans.values()), default=i)
    return not any(is_boundary(message, n) for n in range(i + 1, i + match.length) if n != last)


def _fits(entry: Mapping[str, Any], match: TemplateMatch) -> bool:
    """Whether the values that were said can be those of their properties; "Head" is no job at "Sales"."""
    said = set(match.values.values())
    job = fold(str(match.values.get("JOB", "")).split(" ")[-1])
    if "FIRM" in match.values and job in word_set("titles", "leads"):
        return False
    values = _values(entry.get("values", {}), match.values)
    return all(value not in said or _is_value(name, value) for name, value in values.items())


def _is_of_field(entry: Mapping[str, Any]) -> bool:
    """Whether the template gives, or clears, the property that was spoken of before."""
    return "field_value" in entry or bool(entry.get("clears"))


def _is_value(name: str, value: str) -> bool:
    if name == "lifecyclestage":
        return lifecycle_stage(value) is not None
    return fits(name, value) and not is_state(value) and not is_function_word(value.split()[0].lower())


def _values(pattern: Mapping[str, str], said: Mapping[str, Any]) -> dict[str, str]:
    """The values that a template gives, without those whose slot it lacks."""
    given = {name: value for name, value in pattern.items() if value in said or not value.isupper()}
    found = {str(said.get(name, name)): str(said.get(value, value)) for name, value in given.items()}
    if country_names(found.get("city", "")):
        found["country"] = found.pop("city")
    if postal := found.pop("postal", ""):
        found |= parse_address(postal)
    return found

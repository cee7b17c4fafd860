"""Reads the values of a new contact from the chunks of a message."""

from collections.abc import Sequence

from .chunker import Chunk
from .field_values import (
    LOOSE_STOPS,
    labelled_value,
    put,
    put_new,
    put_phone,
    says_contact,
    text_of,
    value_end,
    value_of,
)
from .lexicon import folds_of, phrases
from .recognisers import (
    company_end,
    count_title_words,
    is_company,
    is_function_word,
    is_name,
    is_title,
    is_whole_title,
    lifecycle_stage,
    parse_address,
    split_name,
)

_MAX_LENGTH = 120  # of a value that is placed by its order alone


class _CreateParser:
    def __init__(self, text: str, chunks: Sequence[Chunk]) -> None:
        self.text, self.chunks = text, chunks
        self.values: dict[str, str] = {}
        self.loose: list[str] = []  # stretches of text to which nothing gives a field

    def run(self) -> dict[str, str]:
        i = 0
        while i < len(self.chunks):
            i = self._read(i)
        self._place_loose()
        return self.values

    def _read(self, i: int) -> int:
        """Reads what starts at chunk ``i``, and returns the index behind it."""
        chunk = self.chunks[i]
        if chunk.kind == "label":
            return self._label(i)
        if chunk.kind in ("from", "as", "in"):
            return self._introduced(i)
        if chunk.kind == "text":
            return self._text(i)
        if chunk.kind == "email":
            self.values.setdefault("email", text_of(self.text, [chunk]))
        elif chunk.kind == "phone":
            put_phone(self.values, text_of(self.text, [chunk]))
        elif chunk.kind == "url":
            self.values.setdefault("website", text_of(self.text, [chunk]))
        return i + 1

    def _label(self, i: int) -> int:
        value, stop = labelled_value(self.text, self.chunks, i)
        if value is not None:
            put(self.values, self.chunks[i].value, value)
        return max(stop, i + 1)

    def _text(self, i: int) -> int:
        if i and self._is_second_verb(i):
            return i + 1
        stop = max(value_end(self.text, self.chunks, i, LOOSE_STOPS), i + 1)
        second_verb = next((k for k in range(i + 2, stop) if self._is_second_verb(k)), None)
        end = stop if second_verb is None else second_verb - 1
        self.loose.append(value_of(self.text, self.chunks[i:end]))
        return stop if second_verb is None else second_verb + 1

    def _is_second_verb(self, i: int) -> bool:
        """Whether the text is a verb behind "and" that was not read as one: "opret Mette og gem den"."""
        chunk = self.chunks[i]
        if chunk.kind != "text" or chunk.capital or self.chunks[i - 1].kind != "and":
            return False
        folds = folds_of(text_of(self.text, [chunk]))
        return len(folds) == 1 and phrases("verbs").whole(folds) is not None

    def _introduced(self, i: int) -> int:
        """Reads the company behind "fra", the job title behind "som", the city behind "i"."""
        stop = value_end(self.text, self.chunks, i + 1, LOOSE_STOPS - {"to"})
        chunks = self.chunks[i + 1 : stop]
        value = value_of(self.text, chunks)
        if not value:
            return i + 1
        if self.chunks[i].kind == "as":
            self._place_role(value, chunks)
        elif self.chunks[i].kind == "from" or is_company(value):
            self.values.setdefault("company", value)
        elif value[:1].isupper() or (value.islower() and not any(map(is_function_word, value.split()))):
            self.values.setdefault("city", value)
        else:
            self.loose.append(value)
        return stop

    def _place_role(self, value: str, chunks: Sequence[Chunk]) -> None:
        """Stores what stands behind "som": a lifecycle stage or a job title."""
        if says_contact(chunks):
            stages = (lifecycle_stage(text_of(self.text, [chunk])) for chunk in chunks)
            stage = next((found for found in stages if found), None)
        else:
            stage = lifecycle_stage(value)
            if not stage:
                self.values.setdefault("jobtitle", value)
        if stage:
            self.values["lifecyclestage"] = stage

    def _place_loose(self) -> None:
        """Gives the loose parts a field: first by what they look like, then by their order."""
        rest = [left for part in self.loose if part for left in self._place(part)]
        for part in rest:
            order = ("company", "jobtitle") if part[:1].isupper() else ("jobtitle", "company")
            free = next((name for name in (*order, "city") if name not in self.values), None)
            if free and len(part) <= _MAX_LENGTH:
                self.values[free] = part

    def _place(self, part: str) -> list[str]:
        """Stores a part that is known by its words; returns what is left of it."""
        if address := parse_address(part):
            put_new(self.values, address)
            return []
        if "firstname" in self.values or "lastname" in self.values:
            return self._place_known(part)
        if not is_company(part) and is_whole_title(part.split()):
            self.values.setdefault("jobtitle", part)
            return []
        name, others = _find_name(part)
        self.values.update(split_name(name))
        return [left for other in others for left in self._place_known(other)]

    def _place_known(self, part: str) -> list[str]:
        """Stores a company or a job title that is known by its words; returns what can be either."""
        words = part.split()
        end = company_end(words)
        if end:
            self.values.setdefault("company", " ".join(words[:end]))
            return self._place_known(" ".join(words[end:])) if end < len(words) else []
        if is_title(part):
            self.values.setdefault("jobtitle", part)
            return []
        return [part] if is_name(part) else []


def _find_name(part: str) -> tuple[str, list[str]]:
    """The name in a loose part, and what stands beside it (job title, company)."""
    words = part.split()
    end = company_end(words)
    if end:
        others = [" ".join(words[end:])] if end < len(words) else []
        if end <= 3:
            return "", [" ".join(words[:end]), *others]
        return " ".join(words[:2]), [" ".join(words[2:end]), *others]
    lead = count_title_words(words)
    if 0 < lead < len(words) and is_name(" ".join(words[lead:])):
        return " ".join(words[lead:]), [" ".join(words[:lead])]
    for i in range(2, min(len(words), 10)):
        if count_title_words(words[i:]) and is_name(" ".join(words[:i])):
            return " ".join(words[:i]), [" ".join(words[i:])]
    return (part, []) if is_name(part) else ("", [])


def read_new_contact(text: str, chunks: Sequence[Chunk]) -> dict[str, str]:
    """The values of a new contact, from labels, addresses, function words and the order of what is left."""
    return _CreateParser(text, chunks).run()

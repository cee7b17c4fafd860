"""Reads a search from the chunks of a message: a query, and filters for what is named by its field."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from crm.domain import fold
from language import country_names

from .chunker import ADDRESSES, Chunk
from .field_values import labelled_value, text_of
from .lexicon import word_set
from .recognisers import is_function_word, is_whole_title, lifecycle_stage, singular_title, strip_genitive, tidy

_QUERY_FIELDS = ("name", "email", "phone", "mobilephone", "company", "firstname", "lastname")


@dataclass
class ParsedSearch:
    """``query`` and ``filters`` for the tool; ``everyone`` where the user asked for all contacts."""

    query: str = ""
    filters: dict[str, str] = field(default_factory=dict)
    everyone: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.query or self.filters or self.everyone)


def place_filter(place: str) -> dict[str, str]:
    """The filter for a place: by country if it names one, else by town; ``!`` before it: not there."""
    mark = "!" if place.startswith("!") else ""
    countries = country_names(place.removeprefix("!"))
    return {"country": f"{mark}{'; '.join(countries)}"} if countries else {"city": place}


class _SearchParser:
    def __init__(self, text: str, chunks: Sequence[Chunk], known: Sequence[str]) -> None:
        self.text, self.chunks, self.known = text, chunks, known
        self.found = ParsedSearch()
        self.query: list[str] = []

    def run(self) -> ParsedSearch:
        i = 0
        while i < len(self.chunks):
            i = self._read(i)
        self.found.query = tidy(" ".join(self.query))
        return self.found

    def _kind(self, i: int) -> str:
        return self.chunks[i].kind if i < len(self.chunks) else ""

    def _read(self, i: int) -> int:
        """Reads what starts at chunk ``i``, and returns the index behind it."""
        kind, words = self._kind(i), text_of(self.text, [self.chunks[i]])
        if kind == "label":
            return self._label(i)
        if kind == "in" and self._kind(i + 1) in ("text", "filler"):
            return self._place(i)
        if kind in ADDRESSES:
            self.query.append(words)
        elif kind == "filler":
            self.found.everyone = self.found.everyone or fold(words) in word_set("everyone", "words")
        elif kind == "text":
            owns = self._kind(i + 1) == "genitive" or self._stands_before_label(i)
            self._text(tidy(strip_genitive(words, self.known) if owns else words))
        return i + 1

    def _label(self, i: int) -> int:
        """Fields that the search itself covers go into the query; the others become filters."""
        label = self.chunks[i]
        if self._kind(i + 1) in ("of", "pronoun"):
            return i + 1
        value, stop = labelled_value(self.text, self.chunks, i)
        if value and (label.value in _QUERY_FIELDS or not label.known):
            self.query.append(value)
        elif value:
            stage = lifecycle_stage(value) if label.value == "lifecyclestage" else None
            self.found.filters[label.value] = stage or value
        return max(stop, i + 1)

    def _place(self, i: int) -> int:
        place = text_of(self.text, [self.chunks[i + 1]])
        plain = any(word == word.lower() and is_function_word(word) for word in place.split())
        if self._kind(i + 1) == "text" and fold(place) not in word_set("filters", "places") and not plain:
            self.found.filters |= place_filter(place)
        return i + 2

    def _stands_before_label(self, i: int) -> bool:
        i += 1
        while self._kind(i) in ("new", "filler"):
            i += 1
        return self._kind(i) == "label" and not self.chunks[i].colon

    def _text(self, text: str) -> None:
        """The plural of a lifecycle stage and the title of a job become filters; other words go into the query."""
        words = [w for w in text.split() if not _is_noise(w)]
        if words and fold(words[0]) in word_set("filters", "plural"):
            self.found.filters["lifecyclestage"] = lifecycle_stage(words[0]) or words[0]
            words = words[1:]
        if not words:
            return
        title = " ".join(words)
        singular = singular_title(title) if title[1:] == title[1:].lower() else None
        if is_whole_title(words) or singular:
            self.found.filters["jobtitle"] = singular or title
        elif len(words) > 1 or fold(title) not in word_set("filters", "places"):
            self.query.append(title)


def _is_noise(word: str) -> bool:
    """Whether a word only belongs to the question: "hvilke kunder *har* vi", "where does she *work*"."""
    folded = fold(word)
    if word != word.lower() or folded in word_set("filters", "plural"):
        return False
    return is_function_word(word) or folded in word_set("filters", "noise")


def read_search(text: str, chunks: Sequence[Chunk], known: Sequence[str] = ()) -> ParsedSearch:
    """The search in a message; ``known`` are the names on the desk."""
    return _SearchParser(text, chunks, known).run()

"""Pieces into a search: a query, and filters for what is named by its field."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from crm.domain import fold

from .details import labelled, sliced
from .lexicon import single
from .tape import Piece
from .values import is_small, option, singular_title, tidy, title_words, ungenitive

_QUERY_FIELDS = ("name", "email", "phone", "mobilephone", "company", "firstname", "lastname")


@dataclass
class Search:
    """``query`` and ``filters`` for the tool; ``everyone`` where all contacts were asked for."""

    query: str = ""
    filters: dict[str, str] = field(default_factory=dict)
    everyone: bool = False


def read_search(text: str, pieces: Sequence[Piece], known: Sequence[str] = ()) -> Search:
    """The search in a message; ``known`` are the names on the desk."""
    search = Search()
    parts: list[str] = []
    i = 0
    while i < len(pieces):
        piece = pieces[i]
        words = sliced(text, [piece])
        after = pieces[i + 1].kind if i + 1 < len(pieces) else ""
        if piece.kind == "label":
            value, j = labelled(text, pieces, i) if after not in ("of", "person") else (None, i + 1)
            if value and (piece.value in _QUERY_FIELDS or not piece.known):
                parts.append(value)
            elif value:
                search.filters[piece.value] = (option(value) if piece.value == "lifecyclestage" else None) or value
            i = max(j, i + 1)
            continue
        if piece.kind == "in" and after in ("text", "filler"):
            place = sliced(text, [pieces[i + 1]])
            if after == "text" and fold(place) not in single("filters", "places"):
                search.filters["city"] = place
            i += 2
            continue
        if piece.kind in ("email", "phone", "domain", "url"):
            parts.append(words)
        elif piece.kind == "filler":
            search.everyone = search.everyone or fold(words) in single("all", "words")
        elif piece.kind == "text":
            owned = after == "genitive" or _labelled_soon(pieces, i + 1)
            _text(tidy(ungenitive(words, known) if owned else words), search, parts)
        i += 1
    search.query = tidy(" ".join(parts))
    return search


def _labelled_soon(pieces: Sequence[Piece], i: int) -> bool:
    while i < len(pieces) and pieces[i].kind in ("new", "filler"):
        i += 1
    return i < len(pieces) and pieces[i].kind == "label" and not pieces[i].colon


def _is_noise(word: str) -> bool:
    """Whether a word only belongs to the question: "hvilke kunder *har* vi", "where does she *work*"."""
    folded = fold(word)
    if word != word.lower() or folded in single("filters", "plural"):
        return False
    return is_small(word) or folded in single("filters", "noise")


def _text(words: str, search: Search, parts: list[str]) -> None:
    """Words of a search: the plural of a lifecycle stage and the title of a job are filters, the rest is query."""
    listed = [w for w in words.split() if not _is_noise(w)]
    if listed and fold(listed[0]) in single("filters", "plural"):
        search.filters["lifecyclestage"] = option(listed[0]) or listed[0]
        listed = listed[1:]
    title = " ".join(listed)
    if listed and title_words(listed) == len(listed):
        search.filters["jobtitle"] = title
    elif listed and (one := singular_title(title if title[1:] == title[1:].lower() else "")):
        search.filters["jobtitle"] = one
    elif listed and not (len(listed) == 1 and fold(listed[0]) in single("filters", "places")):
        parts.append(" ".join(listed))

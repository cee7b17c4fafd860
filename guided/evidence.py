"""The rule of the leftover: words that nothing explains are never a name, a value or a search term.

The parsers place every word of a command somewhere. Before their call is made, its arguments are held against the
message: a name must look like one, and no ordinary word may have been dropped on the way.
"""

import re
from collections.abc import Mapping
from itertools import pairwise

from crm.domain import PARTICLES, fold
from language import is_family_name, is_given_name, is_ordinary, is_place

from .lexicon import folds_of, word_set
from .recognisers import is_common_word, is_company, is_function_word, is_kind_of_contact, is_title
from .turn import Call, Say, Step, Turn, new_draft

_WORD = re.compile(r"[^\W\d_][\w'’.&-]*")
_ADDRESS = re.compile(r"@|^[+(]?\d[\d()./-]*$")  # also a part of a number
_NAMES = ("firstname", "lastname")
_REACHING = frozenset(("email", "domain", "phone"))
_NAMED_BY = ("city", "hubspot_owner_id")  # filters whose values are names of places and people
_ASKING = ("guided-ask-create", "guided-ask-search", "guided-ask-update")
_MAX_ASKED = 4  # words of a message that can be a search without a verb
_MAX_NAMELESS = 2  # words that need not look like a name where one was asked for, and behind "find"


def is_supported(turn: Turn, step: Step) -> bool:
    """Whether the message shows that the step is about a contact, and explains every word that it takes."""
    if isinstance(step, Say):
        return step.key not in _ASKING or _says_contact(turn) or not any(map(is_ordinary, _text_words(turn)))
    rule = _RULES.get(step.name)
    return rule is None or _is_from_desk(turn, step) or rule(turn, step)


def _is_from_desk(turn: Turn, call: Call) -> bool:
    """Whether nothing of the call stands in the message: a yes carries out what was asked about."""
    given = call.arguments
    parts = [*given.get("properties", {}).values(), *given.get("filters", {}).values()]
    parts += [str(given[name]) for name in ("contact", "query") if name in given]
    return not set(turn.folds) & {word for part in parts for word in folds_of(part)}


def ask_for_search(turn: Turn, step: Step) -> Step | None:
    """The question whether to search, in the place of a search for a few words of which one may be a name."""
    if isinstance(step, Say) or step.name != "search_contacts" or len(turn.folds) > _MAX_ASKED:
        return None
    query = str(step.arguments["query"])
    bare = len(turn.folds) < 3 and any(map(is_family_name, query.split()))
    if not bare and not any(is_given_name(word) and not is_common_word(word) for word in query.split()):
        return None
    return Say("guided-ask-search-for", {"query": query}, new_draft("search", None, {"query": query}))


def _creation(turn: Turn, call: Call) -> bool:
    values = call.arguments["properties"]
    name = " ".join(values[part] for part in _NAMES if part in values)
    if name and not set(folds_of(name)) & set(turn.folds):
        return True  # of whom the last question was about
    if not name:
        return _says_contact(turn) or "email" in values or _asked_for(turn, "create")
    return _places_fit(turn, values) and _is_somebody(turn, name, values)


def _is_somebody(turn: Turn, name: str, values: Mapping[str, str]) -> bool:
    """Whether the name of a new contact looks like one, or was asked for."""
    if Spelling(turn, name).is_plain or (turn.kinds & _REACHING and _begins_like_name(turn, name)):
        return True
    if _is_introduced(turn):
        return _says_contact(turn) or _is_used_up(turn, {"": name})
    if looks_like_name(turn, name):
        return _is_used_up(turn, values)
    return _asked_for(turn, "create") and _is_short(name)


def _update(turn: Turn, call: Call) -> bool:
    contact, values = str(call.arguments["contact"]), call.arguments["properties"]
    if contact.isdigit() and not _points_at_focus(turn):
        return False
    if contact.isdigit() or "@" in contact or contact == turn.draft_contact:
        return True
    if not (looks_like_name(turn, contact) or (turn.kinds & _REACHING and _begins_like_name(turn, contact))):
        return _asked_for(turn, "update") and _is_short(contact)
    if any(c.kind == "label" and c.known for c in turn.chunks) or (values and Spelling(turn, contact).is_plain):
        return True
    return _is_used_up(turn, {"": contact, **values})


def _points_at_focus(turn: Turn) -> bool:
    """Whether the message has anything that a change of the contact in focus needs: a field, an address, "hun", a
    number of the list, or a draft that it corrects.
    """
    kinds = _REACHING | {"label", "pronoun", "position", "change", "new", "former"}
    return bool(turn.kinds & kinds or turn.draft or turn.desk.get("done") or len(turn.folds) <= _MAX_ASKED)


def _places_fit(turn: Turn, values: Mapping[str, str]) -> bool:
    """Whether no job title or company is a thing in small letters: one to which something is to be added ("… to the
    garden"), or one that is called something ("a folder named …").
    """
    chunks = [c for c in turn.chunks if c.kind not in ("filler", "new", "pronoun")]
    pairs = list(pairwise(chunks))
    things = {turn.text_of(b) for a, b in pairs if a.kind in ("to", "of")}
    things |= {turn.text_of(a) for a, b in pairs if b.kind == "label" and b.value == "name" and not b.colon}
    loose = [values[name] for name in ("jobtitle", "company") if name in values]
    return not any(value in things and _ends_in_thing(value) and not is_title(value) for value in loose)


def _ends_in_thing(text: str) -> bool:
    """Whether the last word of the text, or its part behind a hyphen, is an ordinary one in small letters:
    "Slack channel", "DnD-gruppe".
    """
    last = re.split(r"[\s-]", text.strip())[-1]
    return last == last.lower() and is_ordinary(last)


def _begins_like_name(turn: Turn, text: str) -> bool:
    """Whether the text looks like a name, or begins with a given name: beside an address the rest may be any word."""
    first = text.split()[0] if text.split() else ""
    return looks_like_name(turn, text) or (is_given_name(first) and not is_common_word(first))


def _text_words(turn: Turn) -> list[str]:
    """The words of the message that are neither function words nor anything else known."""
    return [word for text in turn.texts for word in _WORD.findall(text) if not is_function_word(word)]


def _is_used_up(turn: Turn, values: Mapping[str, str]) -> bool:
    """Whether every ordinary word of the message went into a value, and into one that it can be."""
    used = {word for value in values.values() for word in folds_of(value)}
    places = all(looks_like_name(turn, values[name]) for name in _NAMED_BY if name in values)
    return places and all(fold(word) in used or not is_ordinary(word) for word in _text_words(turn))


def _search(turn: Turn, call: Call) -> bool:
    if _asked_for(turn, "search"):
        return True
    filters, query = call.arguments["filters"], str(call.arguments["query"])
    named = " ".join(word for word in _without_company(turn, query).split() if not _ADDRESS.search(word))
    if named and looks_like_name(turn, named):
        return "hubspot_owner_id" not in filters or looks_like_name(turn, filters["hubspot_owner_id"])
    if not all(_is_named(turn, name, filters[name]) for name in _NAMED_BY if name in filters):
        return False
    if not named:
        return named == query or bool(turn.kinds & (_REACHING | {"from"}))
    return _searches(turn) and _is_short(query) and query in turn.text


def _is_named(turn: Turn, name: str, value: str) -> bool:
    """Whether the value of a filter is the name of a place, or of an owner."""
    place = name == "city" and (_says_contact(turn) or is_place(value))
    return place or looks_like_name(turn, value)


def _asked_for(turn: Turn, action: str) -> bool:
    """Whether a button was pressed, or a question was asked, that a bare name answers."""
    return turn.intent == action or (turn.draft.get("action") == action and not turn.draft_contact)


def _is_short(text: str) -> bool:
    return len(text.split()) <= _MAX_NAMELESS


def _without_company(turn: Turn, query: str) -> str:
    """The query without the words behind "fra" or "at", which may be any."""
    behind = [turn.text_of(b) for a, b in zip(turn.chunks, turn.chunks[1:], strict=False) if a.kind == "from"]
    companies = {word for text in behind for word in text.split()}
    return " ".join(word for word in query.split() if word not in companies)


def _searches(turn: Turn) -> bool:
    """Whether the verb of the message searches and does nothing else, as "show" and "open" may."""
    return turn.verb is not None and fold(turn.text_of(turn.verb)) in word_set("evidence", "searches")


def _is_introduced(turn: Turn) -> bool:
    """Whether something says that a name comes: "hedder", "named", "navn:", quotes."""
    labels = any(c.kind == "label" and c.value in ("name", *_NAMES) for c in turn.chunks)
    return labels or any(c.value == "quoted" for c in turn.of_kind("text"))


def _says_contact(turn: Turn) -> bool:
    """Whether the message says that it is about contacts: "en ny kontakt", "this person", "kunder", "bogholdere"."""
    nouns = word_set("fillers", "nouns") & set(turn.folds)
    return bool(nouns) or any(map(is_kind_of_contact, turn.texts))


def looks_like_name(turn: Turn, text: str) -> bool:
    """Whether the text looks like the name of a person or a company: one of its words does, and no ordinary one stands
    beside it in small letters.
    """
    name = Spelling(turn, text)
    return is_company(text) or (name.has_name and not name.ordinary)


class Spelling:
    """The words of a part of the message, as the user wrote them: which look like names, and which are ordinary."""

    def __init__(self, turn: Turn, text: str) -> None:
        self._said = turn.text
        self._shouts = turn.text == turn.text.upper()
        self._words = [self._as_written(word) for word in _WORD.findall(text)]
        pairs = zip(self._words, self._words[1:], strict=False)
        self._paired = {word for one, two in pairs if is_given_name(one) and is_family_name(two) for word in (one, two)}

    def _as_written(self, word: str) -> str:
        found = re.search(rf"(?<!\w){re.escape(word)}", self._said, re.IGNORECASE)
        return found.group() if found else word

    @property
    def has_name(self) -> bool:
        return any(self._is_name(word) for word in self._words)

    @property
    def is_plain(self) -> bool:
        """Whether nothing but a name can be meant: it has capitals, or is a given name before a family name."""
        written = any(self._has_capital(word) or (word[:1].isupper() and is_given_name(word)) for word in self._words)
        return not self.ordinary and (written or bool(self._paired))

    @property
    def ordinary(self) -> list[str]:
        """The words that are no part of a name."""
        return [word for word in self._words if fold(word) not in PARTICLES and not self._is_name(word)]

    def _is_name(self, word: str) -> bool:
        if "-" in word and _ends_in_thing(word):
            return False
        if word in self._paired or self._has_capital(word):
            return True
        return not is_common_word(word) and (is_given_name(word) or not is_ordinary(word))

    def _has_capital(self, word: str) -> bool:
        """Whether the word has a capital of its own: not that of the message's beginning, and not one of all."""
        if not word[:1].isupper() or self._shouts:
            return False
        return not self._said.startswith(word) or self._next_is_capital()

    def _next_is_capital(self) -> bool:
        after = self._said.split()[1:2]
        return bool(after) and after[0][:1].isupper()


_RULES = {"create_contact": _creation, "update_contact": _update, "search_contacts": _search}

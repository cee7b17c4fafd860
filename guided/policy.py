"""The dialogue policy: from a message and the desk to the next step, a tool to call or a sentence to say."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crm.domain import fold

from .chunker import ADDRESSES
from .commands import STATEMENT, ask_about_focus, command, search_step, update_step
from .conversation import dialogue_act, out_of_scope, refused_command, small_talk
from .create_parser import read_new_contact
from .drafts import continue_draft, exclude_fields, is_correction
from .evidence import ask_for_search, is_supported
from .finding import find_by_condition, speaks_of_many, turn_page
from .lexicon import phrases, word_set
from .multiple_requests import multiple_requests
from .negation import is_denied
from .pastes import pasted_contacts
from .questions import answer_question
from .recognisers import is_common_word, is_function_word, is_kind_of_contact, is_name
from .requests import read_request, read_sentences
from .selection import select_from_list
from .spelling import corrected
from .stories import read_story
from .turn import Call, Say, Step, Turn, call_create_contact
from .undo_requests import history_request, undo_request
from .update_parser import ParsedUpdate, read_update

_NOT_UNDERSTOOD = ("guided-unclear", "guided-out-of-scope")
_SENTENCE_END = re.compile(r"(?<=[^\W\d]{2}[.!?])\s+(?=[^\W\d_])|(?<=\d\d[.!?])\s+(?=[A-ZÆØÅ])|\n+")
_NEW_CONTACT = re.compile(
    r"^(?:ny|nyt|new)(?: (?:kontakt|contact|lead|kunde|customer))?\s*(?::|[-–]\s)\s*", re.IGNORECASE
)
_MOST_SENTENCES = 6
_CLAUSE_WORDS = 8  # of a command behind the words about a new contact
_MAX_SEARCH_WORDS = 12
_MAX_NAME_WORDS = 6


def steps(message: str, desk: Mapping[str, Any], region: str) -> Sequence[Step]:
    """The next steps for a message: a creation for each person of a pasted text, or else one."""
    turn = Turn(message, desk, region)
    sentences = [] if turn.awaiting or "\n" in turn.text.strip() else _sentences(turn.text)
    several = read_sentences(turn, sentences) if 1 < len(sentences) <= _MOST_SENTENCES else []
    return pasted_contacts(turn) or several or [decide(message, desk, region)]


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE_END.split(text) if part.strip()]


def decide(message: str, desk: Mapping[str, Any], region: str) -> Step:
    """The next step for a message of the user."""
    turn = Turn(message, desk, region)
    if not turn.awaiting:
        turn = turn.with_text(corrected(turn.text))
    if not turn.folds and "text" not in turn.kinds:
        return answer_question(turn) or Say("guided-empty")
    turn = turn.with_text(_NEW_CONTACT.sub("opret ", turn.text))
    return _understood(turn) or _not_understood(turn)


def _understood(turn: Turn) -> Step | None:
    if step := turn_page(turn) or find_by_condition(turn) or read_request(turn) or read_story(turn):
        return step
    found = _whole_message(turn)
    if found is None or (isinstance(found, Say) and found.key in _NOT_UNDERSTOOD):
        found = _one_sentence(turn) or found
    many = isinstance(found, Call) and found.name != "search_contacts" and speaks_of_many(turn)
    return None if many else found  # nobody is changed or created by words about a list


def _not_understood(turn: Turn) -> Say:
    # what was put aside for these words is not taken up again by a yes
    given_up: dict[str, Any] | None = {} if turn.draft.get("carded") else None
    return Say("guided-out-of-scope" if turn.is_question else "guided-unclear", {}, given_up)


def _whole_message(turn: Turn) -> Step | None:
    """The step of the first rule that applies to the message, where the message supports it."""
    found = next((step for rule in _RULES if (step := rule(turn))), None)
    if found and not is_supported(turn, found):
        found = ask_for_search(turn, found)
    return found


def _one_sentence(turn: Turn) -> Step | None:
    """What one sentence of several asks for, the last one first: people tell why before they ask."""
    sentences = _sentences(turn.text)
    if not 1 < len(sentences) <= _MOST_SENTENCES or out_of_scope(turn):
        return None
    parts = [Turn(sentence, turn.desk, turn.region) for sentence in reversed(sentences)]
    # a name alone asks for nothing here, and "there" stands for a place of another sentence
    asking = [part.text for part in parts if (part.verb or part.kinds & ADDRESSES) and not _means_place_before(part)]
    found = (decide(text, turn.desk, turn.region) for text in asking)
    return next((step for step in found if isinstance(step, Call)), None)


def _means_place_before(turn: Turn) -> bool:
    """Whether a sentence ends with "there": a place that was named before it."""
    return bool(turn.folds) and turn.folds[-1] in word_set("pronouns", "place")


def _several(turn: Turn) -> Step | None:
    return multiple_requests(turn, lambda part: command(part) or _statement(part))


def _introduced_contact(turn: Turn) -> Step | None:
    """ "Jeg har lige mødt Kirsten Balle fra Nordhavn, læg hende ind": creates the contact of the words before."""
    words = turn.text.split()
    end = _start_of_adding(words)
    if not end or (turn.verb and turn.verb.start == 0):
        return None
    start = next((i for i in range(end) if words[i][:1].isupper() and not is_common_word(words[i])), end)
    before = Turn(" ".join(words[start:end]), {}, turn.region)
    values = read_new_contact(before.text, before.chunks)
    return call_create_contact(values) if len(values) > 1 else None


def _start_of_adding(words: Sequence[str]) -> int:
    """Where "læg hende ind" or "add him please" begins at the end of the message; otherwise 0."""
    folds = [fold(word) for word in words]
    starts = range(len(words) - 1, max(len(words) - _CLAUSE_WORDS - 1, 1), -1)
    return next((i for i in starts if _adds_them(folds[i:])), 0)


def _adds_them(folds: Sequence[str]) -> bool:
    verb = phrases("verbs").at(folds, 0) if folds[0] else None
    if not verb or verb[0] not in ("create", "add"):
        return False
    around = word_set("fillers", "polite") | word_set("pronouns", "beside")
    rest = set(folds[verb[1] :]) - around
    return bool(rest) and rest <= word_set("pronouns", "object")


def _statement(turn: Turn) -> Step | None:
    """A statement that updates a contact: "Jens er nu CFO hos Nordlys", "Mettes nye mail er …"."""
    if turn.is_question or not turn.kinds & (STATEMENT | {"label", "is"}):
        return None
    if is_denied(turn):
        return Say("guided-unclear")
    tells_change = bool(turn.kinds & {"change", "now", "former"})
    says_what_is = (
        "is" in turn.kinds and turn.kinds & {"label", "text"} and (turn.intent != "create" or _is_about_focus(turn))
    )
    if not tells_change and not says_what_is:
        return None
    found = _read_update(turn, "statement" if tells_change else "plain")
    if not found.values or (found.mention is None and turn.focus is None):
        return None
    return update_step(turn, found)


def _is_about_focus(turn: Turn) -> bool:
    """Whether a pronoun means the contact in focus: one shown after the button for a new contact was pressed."""
    return turn.focus is not None and "pronoun" in turn.kinds


def _read_update(turn: Turn, group: str) -> ParsedUpdate:
    return read_update(turn.text, turn.chunks, group, turn.known_names)


def _after_button(turn: Turn) -> Step | None:
    """A message without a command, read by the button that was pressed before it, or by a search that was begun."""
    intent = turn.intent or ("search" if turn.draft.get("action") == "search" else "")
    if turn.is_question and not turn.kinds & ADDRESSES and intent != "search":
        return None
    if turn.is_chatter and not any(map(is_kind_of_contact, turn.texts)):
        return None
    reader = _AFTER_BUTTON.get(intent)
    return reader(turn) if reader else None


def _create_after_button(turn: Turn) -> Step | None:
    values = read_new_contact(turn.text, turn.chunks)
    return call_create_contact(values) if values else None


def _update_after_button(turn: Turn) -> Step | None:
    found = _read_update(turn, "button")
    mentioned = found.mentioned_text
    names_contact = "@" in mentioned or is_name(mentioned) or mentioned.isdigit()
    by_desk = found.mention is not None and found.mention.kind != "text"
    return update_step(turn, found) if found.values or by_desk or names_contact else None


def _search_after_button(turn: Turn) -> Step | None:
    return search_step(turn) if _can_be_searched(turn) else None


def _can_be_searched(turn: Turn) -> bool:
    """Whether the message is not a sentence but a name, a company, an address or a number."""
    if turn.kinds & ADDRESSES or any(map(is_kind_of_contact, turn.texts)):
        return len(turn.folds) <= _MAX_SEARCH_WORDS
    words = " ".join(turn.texts).split()
    if turn.is_chatter or not words:
        return False
    if "change" in turn.kinds:
        return bool(turn.kinds & {"label", "in", "from"})
    return len(words) <= _MAX_NAME_WORDS and not any(w == w.lower() and is_function_word(w) for w in words)


def _labelled_value(turn: Turn) -> Step | None:
    """ "telefon 22 33 44 55": a field of the contact in focus, with or without its new value."""
    if "label" not in turn.kinds or not turn.focus or turn.is_question:
        return None
    found = _read_update(turn, "statement")
    return update_step(turn, found) if (found.values or found.missing) and not found.names_contact else None


def _bare_search(turn: Turn) -> Step | None:
    """A message that is nothing but a name, an email or a number is searched for."""
    if turn.verb is not None or (turn.is_question and len(turn.folds) > 4):
        return None
    return search_step(turn) if _can_be_searched(turn) else None


def _correction_of_focus(turn: Turn) -> Step | None:
    """ "nej, CFO": new values for the contact in focus."""
    if not is_correction(turn) or not turn.focus:
        return None
    found = _read_update(turn, "statement")
    return update_step(turn, found) if found.values else None


_AFTER_BUTTON = {"create": _create_after_button, "update": _update_after_button, "search": _search_after_button}

# the first rule that applies decides
_RULES: tuple[Callable[[Turn], Step | None], ...] = (
    dialogue_act,
    undo_request,
    history_request,
    exclude_fields,
    refused_command,
    select_from_list,
    answer_question,
    small_talk,
    out_of_scope,
    _introduced_contact,
    _several,
    ask_about_focus,
    command,
    continue_draft,
    _statement,
    _after_button,
    _labelled_value,
    _bare_search,
    _correction_of_focus,
)

"""What is said about the conversation itself and not about a contact: greetings, help, wait, try again, refusals,
conditions; and what the assistant does not offer.
"""

from collections.abc import Sequence

from crm.domain import fold

from .dialogue_acts import dialogue_acts, ends_in_refusal
from .drafts import repeat_draft
from .lexicon import folds_of, phrases, word_set
from .negation import is_negated, refrains
from .recognisers import is_function_word
from .turn import Say, Step, Turn
from .undo_requests import undo_request

_MAX_SMALL_TALK = 14  # words
_MAX_TOPIC = 12  # words from the start of a message among which a topic is looked for
_IN_SMALL_TALK = frozenset((
    "filler", "separator", "text", "verb", "pronoun", "is", "label", "of", "in", "with", "position", "to", "from",
))  # fmt: skip


def dialogue_act(turn: Turn) -> Step | None:
    """The step for a message that asks to wait, to try again or to undo, or that makes a condition."""
    if _is_conditional(turn):
        return Say("guided-condition")
    acts = dialogue_acts(turn.folds)
    if "undo" in acts:
        return undo_request(turn)
    if "wait" in acts:
        return Say("guided-wait")
    if "again" in acts:
        return repeat_draft(turn) or Say("guided-again")
    if "anyway" in acts and turn.question[0] not in ("search_empty", "contact_not_found"):
        return repeat_draft(turn) or Say("guided-unclear")
    return Say("guided-unclear") if "confused" in acts else None


def _is_conditional(turn: Turn) -> bool:
    """ "ja, hvis det er den fra Aarhus", "hvis Per ringer, opret ham": only the user can tell."""
    folds = turn.folds
    i = _skip_answer(folds)
    if i + 1 >= len(folds) or folds[i] not in word_set("conversation", "condition"):
        return False
    before_command = i == 0 and turn.verb is not None and "," in turn.text
    return before_command or folds[i + 1] in word_set("conversation", "condition_subject")


def _skip_answer(folds: Sequence[str]) -> int:
    """The place of the first word that is neither an answer nor courtesy."""
    i = 0
    while i < len(folds):
        found = phrases("answers").at(folds, i)
        if not found and folds[i] not in word_set("conversation", "courtesy"):
            break
        i += found[1] if found else 1
    return i


def refused_command(turn: Turn) -> Step | None:
    """ "Opret ikke Per", "du må ikke rette hende": a command that is not to be carried out."""
    if turn.verb is None or turn.verb_group in ("search", "ask"):
        return None
    before, behind = turn.text[: turn.verb.start], turn.text[turn.verb.end :]
    if ends_in_refusal(behind):
        return Say("guided-closed")
    refused = refrains(turn.folds) or is_negated(folds_of(before), folds_of(behind))
    return Say("guided-closed") if refused and not turn.is_question else None


def small_talk(turn: Turn) -> Step | None:
    """A greeting, thanks, a goodbye or a request for help."""
    if turn.folds and turn.folds[0] in word_set("conversation", "how") and turn.verb:
        return Say("guided-help")
    kind = phrases("small_talk").whole(turn.folds)
    if not kind and len(turn.folds) <= _MAX_SMALL_TALK and turn.kinds <= _IN_SMALL_TALK:
        kind = _small_talk_in_a_row(turn.folds)
    return Say(f"guided-{kind}") if kind else None


def _small_talk_in_a_row(folds: Sequence[str]) -> str | None:
    """The last of several phrases of small talk, with only polite words behind them; help comes first."""
    kinds: list[str] = []
    start = 0
    while start < len(folds) and (found := phrases("small_talk").at(folds, start)):
        kinds.append(found[0])
        start += found[1]
    if "help" in kinds:
        return "help"
    polite = all(f in word_set("fillers", "polite") or is_function_word(f) for f in folds[start:])
    return kinds[-1] if kinds and polite else None


def out_of_scope(turn: Turn) -> Step | None:
    """A request for what the assistant does not offer."""
    if "position" in turn.kinds or turn.verb_group in ("update", "delete", "clear", "move"):
        return None
    if _names_topic(turn):
        return Say("guided-out-of-scope")
    if turn.verb_group in ("create", "add") and _creates_organisation(turn):
        return Say("guided-contacts-only")
    return None


def _names_topic(turn: Turn) -> bool:
    colon = next((c.start for c in turn.of_kind("label") if c.colon), len(turn.text))
    words = turn.text[:colon].split()[:_MAX_TOPIC]
    head = [fold(word) for word in words]
    topics = phrases("scope", "topics")
    return any(head[i] and topics.at(head, i) and not _is_inside_name(turn, i) for i in range(len(head)))


def _is_inside_name(turn: Turn, i: int) -> bool:
    """Whether the word at ``i`` is a capitalised part of a name (``Python Hansen``, ``Rap``)."""
    words = turn.text.split()
    if i >= len(words) or i == 0:
        return False
    return words[i][:1].isupper() and words[i - 1][:1].isupper() and turn.text != turn.text.upper()


def _creates_organisation(turn: Turn) -> bool:
    """``opret firmaet Nordlys``: the assistant creates people only."""
    if turn.verb is None or turn.kinds & {"email", "to", "of"} or turn.intent == "update":
        return False
    behind = turn.chunks_behind(turn.verb)
    if not behind or behind[0].kind not in ("label", "text") or behind[0].colon:
        return False
    first_word = turn.text_of(behind[0]).split()[0]
    return fold(first_word) in word_set("scope", "organisations")

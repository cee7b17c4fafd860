"""Finds replies of a language model that claim a write. Only code writes, and says so in receipts of its own.

What the user asked for decides how a reply is read. After a request for a change from which no card came, a reply
claims it unless it asks, denies, doubts or promises something; at other times only plain words do ("I have deleted
her"). The words are data (``claims.toml``).
"""

import html
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from crm.domain import DONE
from graph.desk import Desk
from graph.memory import is_chat, said, split
from guided import RequestKind, request_kind
from tools import all_tools, is_read

RECEIPT = {"kind": "receipt"}  # in additional_kwargs: code has rendered all of the message that is not under ``said``
LONG = 300  # characters that are read while they come, also where no sentence ends

_MARKUP = re.compile(r"<[^<>]*>|[*_~`\\]")
_TABLE = re.compile(r"^\s*\|?\s*:?-{3,}.*\|", re.MULTILINE)
_LETTERS = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"(?<!\b\d)(?<!\b\d\d)[.!?]+[\"'”»)*_]*(?=\s)|[。！？]|\n+")
_CLAUSE = re.compile(r"[,;:()–—]|\s-\s|\b(?:og|and|und|men|but|aber)\b")
_QUESTION = re.compile(r"\?[\s\"'”»)]*$")
# a Danish and a German verb of the present tense beside its "I": what somebody is about to do
_PROMISE = re.compile(
    r"\b(?:jeg|vi) (?!har\b|er\b|var\b)\w+r\b|\b(?!har\b|er\b|var\b|der\b|her\b|eller\b)\w+r (?:jeg|vi)\b"
    r"|\bich (?!habe\b)\w+(?<!t)e\b|\b(?!habe\b)\w+(?<!t)e ich\b"
)
_OPEN = ("not", "once", "which", "already", "needs", "reports")
_VALUE = re.compile(r"\S@\S+\w|\d(?:[\d ./-]*\d){3}")
# letters of one script that pass for those of another
_MIXED = re.compile(r"[a-z][\u0370-\u052f]|[\u0370-\u052f][a-z]")


@dataclass(frozen=True)
class Reading:
    """How the replies of a language model are read in this turn.

    ``sentence``: what stands above one that claims a write. ``kind``: what the user asked for.
    """

    sentence: str
    kind: RequestKind

    def as_json(self) -> dict[str, Any]:
        """The reading as the metadata of streamed pieces hold it."""
        return asdict(self)

    def marked(self, text: str) -> str:
        """Return the whole reply, as a quotation below the sentence where it claims a write."""
        return f"{self.sentence}\n\n{quoted(text)}" if claims(text, self.kind) else text


def claims(text: str, kind: RequestKind) -> bool:
    """Whether the Markdown of a whole reply, as a person sees it, claims a write."""
    return says_done(text, kind) or (kind == "change" and _leaves_nothing_open(text))


def says_done(text: str, kind: RequestKind) -> bool:
    """Whether one of these whole sentences says that something was written, whatever else the reply says."""
    # markup inside a word is not shown; between two words it may be all that separates them
    read = [_plain(_MARKUP.sub(actor, html.unescape(text))) for actor in ("", " ")]
    if kind != "read" and _TABLE.search(text):  # as a card is drawn
        return True
    return any(_MIXED.search(part) or any(_is_done(s, kind) for s in _sentences(part)) for part in read)


def last_end(text: str, start: int) -> int:
    """Where the last whole sentence of the text ends, looked for from ``start``; 0 where none does."""
    return max((found.end() for found in _SENTENCE.finditer(text, start)), default=0)


def quoted(text: str) -> str:
    """Return the Markdown as a quotation: every line begins with the mark of one."""
    return "> " + within(text.replace("\r\n", "\n"))


def within(text: str) -> str:
    """Return more Markdown as part of a quotation that has already begun."""
    return re.sub(r"\r\n?|\n", "\n> ", text)


# -- what the user asked for


def asked_for(messages: Sequence[AnyMessage], desk: Desk, region: str) -> RequestKind:
    """What the user asks for in this turn, by the words, the desk and what was said before. Where a receipt of a write
    was just shown, words about it are no claim (``past``).
    """
    earlier, turn = split(messages)
    if any(_is_receipt(message) for message in turn):
        return "past"
    kind = _kind(turn[0].text, region) if turn else "other"
    if any(_is_refused_write(message) for message in turn) or (kind == "other" and _is_foreign_request(turn)):
        return "change"
    chat = [message for message in earlier if is_chat(message)]
    if kind in ("other", "talk") and chat and _is_receipt(chat[-1]):
        return "past"
    return _continued(chat, desk, region) if kind == "other" else kind


def _kind(text: str, region: str) -> RequestKind:
    kind, words = request_kind(text, region), _words(_plain(text))
    if kind == "other" and _has("asks", words):
        return "change"
    return "past" if kind in ("read", "other") and "?" in text and _has("written", words) else kind


def _is_receipt(message: AnyMessage) -> bool:
    """Whether the message tells what became of a write, or lists changes."""
    beside = message.additional_kwargs
    listed = isinstance(message, ToolMessage) and (message.artifact or {}).get("kind") == "changes"
    return listed or any(outcome["status"] in DONE for outcome in beside.get("outcomes") or ())


def _is_refused_write(message: AnyMessage) -> bool:
    """Whether the message answers a call of a write tool from which no proposal came."""
    return isinstance(message, ToolMessage) and message.name in _writes()


@cache
def _writes() -> frozenset[str]:
    return frozenset(tool.name for tool in all_tools() if not is_read(tool))


def _is_foreign_request(turn: Sequence[AnyMessage]) -> bool:
    """Whether a value stands in words of an unknown language, and the model looked nothing up for them."""
    asked = turn[0].text
    return len(turn) == 1 and bool(_VALUE.search(asked)) and len(asked.split()) > 3 and not _is_known(asked)


def _continued(chat: Sequence[AnyMessage], desk: Desk, region: str) -> RequestKind:
    """What an answer goes on with: what was begun, or what the question that it answers is about."""
    begun = {desk.intent, desk.draft.action if desk.draft else None}
    if begun & {"create", "update"}:
        return "change"
    asked = [s for s in _sentences(said(chat[-1])) if _QUESTION.search(s)] if chat else []
    if not asked or not isinstance(chat[-1], AIMessage):
        return "other"
    words = next((m.text for m in reversed(chat) if isinstance(m, HumanMessage)), "")
    return "change" if "change" in {_kind(text, region) for text in (words, *asked)} else "other"


# -- what the reply says


def _leaves_nothing_open(text: str) -> bool:
    """Whether a reply is all statements: it asks for nothing, and denies, doubts, promises and refuses nothing."""
    sentences = [s for s in _sentences(_plain(_MARKUP.sub("", html.unescape(text)))) if not _offers_more(s)]
    words = _words(" ".join(sentences))
    if not words or any(map(_QUESTION.search, sentences)):
        return False
    languages = _languages(words)
    leaves = any(_has(name, words, languages) for name in _OPEN)
    return not leaves and not _will(words, languages)


def _offers_more(sentence: str) -> bool:
    return bool(_QUESTION.search(sentence)) and _has("more", _words(sentence))


def _is_done(sentence: str, kind: RequestKind) -> bool:
    words = _words(sentence)
    languages = _languages(words)
    if kind == "past" or _QUESTION.search(sentence) or any(_has(n, words, languages) for n in ("once", "which")):
        return False
    if kind == "change" and _lists()[1] & set(sentence):
        return True
    says = _says_change if kind == "change" else _says_plainly
    clauses = [(_words(clause), rest) for clause, rest in _clauses(sentence)]
    return any(says(clause, rest) for clause, rest in clauses if clause and not _is_doubtful(clause, languages))


def _is_doubtful(clause: str, languages: Sequence[str]) -> bool:
    as_before = _has("already", clause, languages) and not _has("i", clause, languages)
    return as_before or _has("not", clause, languages) or _will(clause, languages)


def _will(words: str, languages: Sequence[str]) -> bool:
    return _has("will", words, languages) or _PROMISE.search(words) is not None


def _says_change(clause: str, rest: str) -> bool:
    """Whether a clause says that something was done or is so now, after a request for it."""
    written, aux = _any("written"), _any("aux")
    if re.search(rf"^(?:\w+ ){{0,2}}{written}\b|\b{aux}\b.*\b{written}\b", clause) or _i_did(clause):
        return True
    done, now = _any("done"), _any("now")
    loosely = rf"^(?:\w+ ){{0,2}}{done}$|\b(?:{aux}|{_any('i')})\b.*\b{done}\b|\b{now}\b"
    return re.search(loosely, clause) is not None and not _has("needs", clause, _languages(clause))


def _says_plainly(clause: str, rest: str) -> bool:
    """Whether a clause says that somebody wrote, or that it is written now, where nobody asked for it."""
    written, aux, now = _any("written"), _any("aux"), _any("now")
    by_me = rf"\b{_any('i')} {aux}\b.*\b{written}\b|\b{aux} {_any('i')}\b.*\b{written}\b"
    is_now = rf"\b{now}\b.*\b{written}\b|\b{written} {now}\b"
    at_end = rf"\b{aux}\b.*\b{written}$" if rest[:1] in ("", ":") and not _has("dated", clause) else "(?!)"
    return re.search(f"{by_me}|{is_now}|{at_end}", clause) is not None or _i_did(clause)


def _i_did(clause: str) -> bool:
    between = rf"(?:(?!{_any('aux')}\b)\w+ ){{0,2}}"
    return re.search(rf"\b{_any('i')} {between}{_any('did')}\b|^{_any('did')} {_any('i')}\b", clause) is not None


# -- words


def _plain(text: str) -> str:
    """Lower the case, and drop accents and invisible characters."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if unicodedata.category(part) not in ("Mn", "Me", "Cf")).casefold()


def _words(text: str) -> str:
    """The words of a plain text with one space between them, without phrases that deny nothing."""
    return re.sub(rf"\b{_any('idiom')}\b", " ", " ".join(_LETTERS.findall(text))).strip()


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for end in [*(found.end() for found in _SENTENCE.finditer(text)), len(text)]:
        if sentence := text[start:end].strip():
            yield sentence
        start = end


def _clauses(sentence: str) -> Iterator[tuple[str, str]]:
    """Each clause, and the rest of the sentence behind it."""
    start = 0
    for found in _CLAUSE.finditer(sentence):
        yield sentence[start : found.start()], sentence[found.start() :]
        start = found.end()
    yield sentence[start:], ""


def _languages(words: str) -> tuple[str, ...]:
    """The languages that the words may be of: those with most common words among them."""
    counts = {language: len(set(words.split()) & common) for language, common in _lists()[2].items()}
    return tuple(language for language, count in counts.items() if count == max(counts.values()))


def _is_known(text: str) -> bool:
    return any(set(_words(_plain(text)).split()) & common for common in _lists()[2].values())


def _has(name: str, words: str, languages: Sequence[str] = ()) -> bool:
    """Whether a form of the list stands in the words; of these languages only, if there are any."""
    return re.search(rf"\b{_any(name, *languages)}\b", words) is not None


@cache
def _any(name: str, *languages: str) -> str:
    """A pattern for any form of a list."""
    forms = {
        form
        for language, listed in _lists()[0][name].items()
        if not languages or language in languages
        for form in listed
    }
    return f"(?:{'|'.join(sorted(forms, key=lambda form: (-len(form), form)))})"


@cache
def _lists() -> tuple[dict[str, dict[str, list[str]]], frozenset[str], dict[str, frozenset[str]]]:
    """The lists by name and language, the signs, and the common words by language."""
    data = tomllib.loads(Path(__file__).with_name("claims.toml").read_text("utf-8"))
    signs = frozenset(data.pop("signs"))
    lists = {
        name: {language: [" ".join(_LETTERS.findall(_plain(form))) for form in forms] for language, forms in by.items()}
        for name, by in data.items()
    }
    return lists, signs, {language: frozenset(forms) for language, forms in lists["common"].items()}

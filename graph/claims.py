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
from typing import Any, Self

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from crm.domain import DONE
from graph.desk import Desk
from graph.memory import is_chat, said, split
from guided import RequestKind, request_kind
from tools import all_tools, is_read

RECEIPT = {"kind": "receipt"}  # in additional_kwargs: code has rendered all of the message that is not under ``said``
TOO_LONG = 4_000  # characters: no reply of short sentences, so it is marked and not read
LONG = 300  # characters that are read while they come, also where no sentence ends

_MARKUP = re.compile(r"<[^<>]*>|[*_~`\\]")
_LETTERS = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"(?<!\b\d)(?<!\b\d\d)(?<![.!?])[.!?]++[\"'”»)*_]*+(?=\s)|[。！？]|\n+")
_CLAUSE = re.compile(r"[,;:()–—]|\s-\s|\b(?:og|and|und|men|but|aber)\b")
_QUESTION = re.compile(r"\?[\s\"'”»)]*$")
# a Danish and a German verb of the present tense beside its "I": what somebody is about to do
_PROMISE = re.compile(
    r"\b(?:jeg|vi) (?!har\b|er\b|var\b)\w+r\b|\b(?!har\b|er\b|var\b|der\b|her\b|eller\b)\w+r (?:jeg|vi)\b"
    r"|\bich (?!habe\b)\w+(?<!t)e\b|\b(?!habe\b)\w+(?<!t)e ich\b"
)
# a perfect or a passive, whatever the verb: the auxiliary, and what may follow it anywhere
_PERFECT = (
    (r"er|blev|har", r"\w{3,}(?:et|ede)"),
    (r"is|was|were|has|have|ve|been|i", r"\w{2,}ed"),
    (r"ist|sind|wurden?|hat|habe", r"\w{0,9}ge\w{2,}(?:t|en)|\w+iert"),
    (r"jeg har|har jeg|i ve|i have|ich habe|habe ich", r"\w+"),
)
_TELLING = frozenset(("da", "en", "de"))  # languages of which the words for a change are known
_OPEN = ("not", "once", "which", "already", "needs", "reports")
# letters of one script that pass for those of another
_MIXED = re.compile(r"[a-z][\u0370-\u052f]|[\u0370-\u052f][a-z]")


@dataclass(frozen=True)
class Reading:
    """How the replies of a language model are read in this turn.

    ``sentence``: what stands above one that claims a write. ``kind``: what the user asked for. ``named``: names and
    values in the words of the request, which a claim repeats.
    """

    sentence: str
    kind: RequestKind
    named: tuple[str, ...] = ()

    @classmethod
    def of(cls, sentence: str, messages: Sequence[AnyMessage], desk: Desk, region: str) -> Self:
        """How replies are read in this turn, by the user's words, the desk and what was said before."""
        earlier, turn = split(messages)
        kind = _asked_for(messages, desk, region)
        asked = [m.text for m in (*earlier[-2:], *turn[:1]) if isinstance(m, HumanMessage)]
        looked_up = len(turn) != 1 or len(asked[-1].split()) < 3
        return cls(sentence, kind, () if kind == "other" and looked_up else _named(asked))

    def as_json(self) -> dict[str, Any]:
        """The reading as the metadata of streamed pieces hold it."""
        return asdict(self)

    def marked(self, text: str) -> str:
        """Return the whole reply, as a quotation below the sentence where it claims a write."""
        return f"{self.sentence}\n\n{quoted(text)}" if self.claims(text) else text

    def claims(self, text: str) -> bool:
        """Whether the Markdown of a whole reply, as a person sees it, claims a write."""
        if len(text) > TOO_LONG:
            return True
        repeats = any(re.search(rf"(?<!\w){re.escape(name)}", _plain(text)) for name in self.named)
        # a statement of what the message named, without a look-up, answers a request in words that are not known
        kind = "change" if self.kind == "other" and repeats else self.kind
        if kind != "change":
            return says_done(text, kind)
        sentences = [s for s in _sentences(_plain(_MARKUP.sub("", html.unescape(text)))) if not _offers_more(s)]
        asks = any(map(_QUESTION.search, sentences))
        refuses = any(_denies(sentence) for sentence in sentences)
        if says_done(text, kind, loosely=not (asks or refuses)):
            return True
        return not asks and _leaves_nothing_open(sentences) and (repeats or _sounds_done(sentences))

    def hears(self, sentences: str) -> bool:
        """Whether one of these sentences of a reply that is still coming claims a write."""
        return says_done(sentences, self.kind)


def says_done(text: str, kind: RequestKind, *, loosely: bool = True) -> bool:
    """Whether a sentence says that something was written. ``loosely``: also by words that may mean something else."""
    # markup inside a word is not shown; between two words it may be all that separates them
    for actor in ("", " "):
        part = _plain(_MARKUP.sub(actor, html.unescape(text)))
        if _MIXED.search(part) or any(_is_done(s, kind, loosely) for s in _sentences(part) if s[:1] != "|"):
            return True
    return False


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


def _asked_for(messages: Sequence[AnyMessage], desk: Desk, region: str) -> RequestKind:
    """What the user asks for; ``past`` also where a receipt of a write was just shown: words about it are no claim."""
    earlier, turn = split(messages)
    if any(map(_is_receipt, turn)):
        return "past"
    if any(map(_is_refused_write, turn)):
        return "change"
    kind = _kind(turn[0].text, region) if turn else "other"
    chat = [message for message in earlier if is_chat(message)]
    if kind in ("other", "talk") and chat and _is_receipt(chat[-1]):
        return "past"
    return _continued(chat, desk, region) if kind == "other" else kind


def _kind(text: str, region: str) -> RequestKind:
    words = _words(_plain(text))
    foreign = set(_languages(words)).isdisjoint(("da", "en"))
    kind: RequestKind = "other" if foreign else request_kind(text, region)
    if kind == "other" and _has("which", " ".join(words.split()[:1])):
        kind = "read"
    if kind == "other" and _has("asks", words):
        return "change"
    return "past" if kind in ("read", "other") and "?" in text and _has("written", words) else kind


def _named(texts: Sequence[str]) -> tuple[str, ...]:
    """The words behind the first that have a capital, a number or an address in them, and the last, a value mostly."""
    words = [word for text in texts for word in text.split()[1:] if word[0].isupper() or re.search(r"@|\d\d", word)]
    words += [word for text in texts for word in text.split()[2:][-1:]]
    return tuple(found for word in words if len(found := _plain(word).strip(".,;:!?()\"'")) > 1)


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


def _leaves_nothing_open(sentences: Sequence[str]) -> bool:
    """Whether statements are all that they can be: none denies, doubts, promises, refuses or reports anything else."""
    words = _words(" ".join(sentences))
    languages = _languages(words)
    leaves = any(_has(name, words, languages) for name in _OPEN)
    return bool(words) and not leaves and not _will(words, languages)


def _sounds_done(sentences: Sequence[str]) -> bool:
    """Whether statements tell of a change, are hardly more than an "OK", or are of an unknown language."""
    words = _words(" ".join(sentences))
    if len(words.split()) < 3 or not _TELLING.intersection(_languages(words)):
        return True
    if any(_follows(_words(sentence), *pair) for sentence in sentences for pair in _PERFECT):
        return True
    return any(_has(name, words) for name in ("written", "done", "now"))


def _offers_more(sentence: str) -> bool:
    return bool(_QUESTION.search(sentence)) and _has("more", _words(sentence))


def _is_done(sentence: str, kind: RequestKind, loosely: bool) -> bool:
    words = _words(sentence)
    languages = _languages(words)
    if kind == "past" or _QUESTION.search(sentence) or _denies(sentence):
        return False
    if any(_has(name, words, languages) for name in ("once", "which")):
        return False
    if kind == "change" and _lists()[1] & set(sentence):
        return True
    loosely = loosely and not _has("needs", words, languages)
    says = _says_plainly if kind != "change" else _says_change if loosely else _says_written
    return any(says(clause) for clause in _clauses(sentence) if not _is_doubtful(clause.words, languages))


def _denies(sentence: str) -> bool:
    """Whether a clause denies that something was or will be written."""
    languages = _languages(_words(sentence))
    clauses = (clause.words for clause in _clauses(sentence))
    return any(_has("not", one, languages) and (_has("i", one, languages) or _has("written", one)) for one in clauses)


def _is_doubtful(clause: str, languages: Sequence[str]) -> bool:
    as_before = _has("already", clause, languages) and not _has("i", clause, languages)
    return as_before or _has("not", clause, languages) or _will(clause, languages)


def _will(words: str, languages: Sequence[str]) -> bool:
    return _has("will", words, languages) or _PROMISE.search(words) is not None


def _says_written(clause: "_Clause") -> bool:
    """Whether a clause says that something was written, after a request for it."""
    written, words = _any("written"), clause.words
    # behind a comma a word without its auxiliary tells more about a name: "Per, created in March"
    begins = clause.before in ("", ":") and re.match(rf"(?:\w+ ){{0,2}}{written}\b", words)
    return bool(begins) or _follows(words, _any("aux"), written) or _i_did(words)


def _says_change(clause: "_Clause") -> bool:
    """Whether a clause says that something was done or is so now, after a request for it."""
    done, words = _any("done"), clause.words
    if re.match(rf"(?:\w+ ){{0,2}}{done}$", words) or _has("now", words):
        return True
    return _follows(words, f"{_any('aux')}|{_any('i')}", done) or _says_written(clause)


def _says_plainly(clause: "_Clause") -> bool:
    """Whether a clause claims a write although the user asked for none."""
    written, aux, i, now, words = _any("written"), _any("aux"), _any("i"), _any("now"), clause.words
    if _i_did(words) or _follows(words, f"{i} {aux}|{aux} {i}", written):
        return True
    if _follows(words, now, written) or re.search(rf"\b{written} {now}\b", words):
        return True
    # in German every participle stands at the end
    ends = clause.after in ("", ":") and not _has("dated", words)
    return ends and _follows(words, aux, f"{_any('written', 'da', 'en')}$")


def _follows(words: str, first: str, then: str) -> bool:
    """Whether a match of one pattern stands anywhere behind one of another."""
    # one pattern of both would try every pair of places
    found = re.search(rf"\b(?:{first})\b", words)
    return found is not None and re.search(rf"\b(?:{then})(?!\w)", words[found.end() :]) is not None


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


@dataclass(frozen=True)
class _Clause:
    """The words of a clause, and the sign or the word before and after it; "" at the ends of its sentence."""

    words: str
    before: str
    after: str


def _clauses(sentence: str) -> Iterator[_Clause]:
    start, before = 0, ""
    for found in [*_CLAUSE.finditer(sentence), None]:
        end, after = (found.start(), found[0]) if found else (len(sentence), "")
        if words := _words(sentence[start:end]):
            yield _Clause(words, before, after.strip(" .!"))
        start, before = (found.end() if found else end), after


def _languages(words: str) -> tuple[str, ...]:
    """The languages that the words may be of: those with most common words among them."""
    counts = {language: len(set(words.split()) & common) for language, common in _lists()[2].items()}
    return tuple(language for language, count in counts.items() if count == max(counts.values()))


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
    return f"(?:{'|'.join(sorted(forms, key=lambda form: (-len(form), form)))})" if forms else "(?!)"


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

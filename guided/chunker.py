"""Groups the tokens of a message into chunks: what each stretch of it is, before anyone asks what it is for.

A chunk is a verb, the label of a field, a position in the list shown, a pronoun, an address, a function word with
its role in the sentence, or a stretch of other text. One pass goes from left to right; each rule sees the tokens
ahead and the chunks before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from language import Token, tokenize

from .lexicon import (
    Phrases,
    find_label,
    find_misspelt_label,
    find_misspelt_verb,
    is_label,
    lexicon,
    phrases,
    word_set,
)

# fields whose value is a token of a kind of its own
TYPED_FIELDS = {"email": "email", "phone": "phone", "mobilephone": "phone", "fax": "phone", "website": "url"}
ADDRESSES = frozenset(("email", "domain", "phone", "url"))

_SEPARATORS = frozenset(",;|•·*<>()[]{}!?…¡¿\t")
_QUOTES = {'"': '"', "“": "”", "”": "”", "„": "“", "«": "»", "»": "«"}
_SENTENCE_ENDS = {".", "!", "?", ";", "\n"}
_CHANGING = ("update", "clear", "delete")  # verbs before the name of a field
_LONGEST_QUOTATION = 40  # tokens
_HEAD = 14  # tokens: the first verb of a message stands among them
_MAX_MISSPELT = 60  # chunks: misspelt labels are looked for among the first ones only

# the lists of the lexicon that hold function words -> the kind and value of their chunks; of a word that stands
# in several lists, the last one counts
_FUNCTION_WORDS = (
    *((("fillers", name), ("filler", name)) for name in ("correction", "polite", "nouns", "articles")),
    *((("connectors", name), (name, "")) for name in ("to", "is", "of", "from", "as", "in", "with", "and")),
    (("connectors", "name"), ("label", "name")),
    *((("statements", name), (name, "")) for name in ("new", "now", "former", "change")),
    (("statements", "move_to"), ("change", "move_to")),
    (("statements", "moved_to"), ("change", "moved_to")),
    *((("pronouns", name), ("pronoun", name)) for name in ("subject", "object", "possessive")),
)


@dataclass(frozen=True)
class Chunk:
    """A stretch of the message.

    ``kind`` is verb, label, position, pronoun, text, email, phone, url, domain, separator, genitive, filler, new,
    now, former, change, or a function word by its role: to, is, of, from, as, in, with, and. ``value`` holds the
    group of a verb, the property of a label, or the number of a position (-1: the last one).
    """

    kind: str
    start: int
    end: int
    value: str = ""
    known: bool = True  # False: a label in the user's own words
    colon: bool = False
    capital: bool = False


@cache
def function_words() -> Phrases:
    """The function words with the kind and the value of the chunk that each becomes."""
    entries = {phrase: chunk for (table, name), chunk in _FUNCTION_WORDS for phrase in lexicon()[table][name]}
    return Phrases(entries.items())


@dataclass(frozen=True)
class _Candidate:
    """A word that may be the label of a field, although no colon stands behind it."""

    name: str
    token: Token
    before: Chunk | None
    after: Token | None
    role: str  # of the function word behind it, or ""

    @property
    def leads_to_value(self) -> bool:
        """``… til CFO``, ``… er 22 33 44 55``, ``… a@b.dk``."""
        typed = self.after is not None and self.after.kind == TYPED_FIELDS.get(self.name)
        return typed or (self.role in ("to", "is") and self.name != "company")

    @property
    def follows(self) -> str:
        return self.before.kind if self.before else ""

    def follows_verb(self, *groups: str) -> bool:
        return self.before is not None and self.before.kind == "verb" and self.before.value in groups


class _Chunker:
    def __init__(self, text: str, region: str) -> None:
        self.text = text
        self.tokens = tokenize(text, region)
        # no phrase is found across a slash, a comma or an address
        self.folds = [
            t.folded if t.kind == "word" and not set("/,") & set(t.text) else f"\0{t.text}" for t in self.tokens
        ]
        letters = [c for c in text if c.isalpha()]
        self.shouting = bool(letters) and all(c.isupper() or c.lower() == c.upper() for c in letters)
        self.is_question = "?" in text
        self.chunks: list[Chunk] = []
        self.verbs = 0

    def run(self) -> list[Chunk]:
        i = 0
        while i < len(self.tokens):
            i += self._read(i)
        return self.chunks

    def _read(self, i: int) -> int:
        """Adds the chunk that starts at token ``i``, if any, and returns its number of tokens. So does each rule
        below; a rule that does not apply returns 0.
        """
        kind = self.tokens[i].kind
        if kind in ADDRESSES:
            return self._add(kind, i, 1)
        if kind == "break":
            return self._add("separator", i, 1)
        if kind == "sign":
            return self._sign(i)
        return self._position(i) or self._label(i) or self._verb(i) or self._function_word(i) or self._text(i, 1)

    def _add(self, kind: str, i: int, n: int, value: str = "", known: bool = True, colon: bool = False) -> int:
        first, last = self.tokens[i], self.tokens[i + n - 1]
        capital = first.capital and not self.shouting
        self.chunks.append(Chunk(kind, first.start, last.end, value, known, colon, capital))
        return n

    def _text(self, i: int, n: int) -> int:
        """Other text; it joins the text before it."""
        before = self.chunks[-1] if self.chunks else None
        token, last = self.tokens[i], self.tokens[i + n - 1]
        between = self.text[before.end : token.start] if before else ""
        if before and before.kind == "text" and before.value != "quoted" and not set(between) & {"'", "’"}:
            self.chunks[-1] = Chunk("text", before.start, last.end, before.value, True, False, before.capital)
            return n
        return self._add("text", i, n)

    # what the rules ask about the words around

    def _last_kind(self) -> str:
        return self.chunks[-1].kind if self.chunks else ""

    def _is_word(self, i: int) -> bool:
        return i < len(self.tokens) and self.tokens[i].kind == "word"

    def _word_at(self, i: int) -> str:
        return self.folds[i] if self._is_word(i) else ""

    def _starts_phrase(self) -> bool:
        return self._last_kind() not in ("text", "email", "phone", "url")

    def _inside_name(self, i: int) -> bool:
        """Whether a word is written as part of a name: with a capital, between or after capitals."""
        if self.shouting or not self.tokens[i].capital or self._last_kind() != "text":
            return False
        return self.chunks[-1].capital or (self._is_word(i + 1) and self.tokens[i + 1].capital)

    def _is_genitive(self, chunk: Chunk) -> bool:
        return chunk.kind == "text" and self.text[chunk.start : chunk.end].lower().rstrip("'’").endswith("s")

    # signs

    def _sign(self, i: int) -> int:
        token = self.tokens[i]
        if token.text in _QUOTES:
            return self._quotation(i) or 1
        if self._is_before_year(i):
            return self._text(i, 1)
        if self._is_separator(i):
            return self._add("separator", i, 1)
        if token.text in ":=":
            return self._add("is", i, 1)
        if token.text in "'’" and token.glued:
            return self._add("genitive", i, 1)
        if token.text == "#" and (number := _small_number(self._word_at(i + 1))):
            return self._add("position", i, 2, value=number)
        if token.text in "&+/" and self._is_word(i + 1):
            return self._text(i, 1)
        return 1

    def _quotation(self, i: int) -> int:
        closing = _QUOTES[self.tokens[i].text]
        for j in range(i + 2, min(i + _LONGEST_QUOTATION, len(self.tokens))):
            if self.tokens[j].text == closing:
                self._add("text", i + 1, j - i - 1, value="quoted")
                return j - i + 1
        return 0

    def _is_separator(self, i: int) -> bool:
        token = self.tokens[i]
        dash = token.text in "-–—/" and not token.glued
        return token.text in _SEPARATORS or dash or (token.text == "." and self._ends_sentence(i))

    def _ends_sentence(self, i: int) -> bool:
        """Whether the full stop is not that of an abbreviation."""
        if not i or len(self.tokens[i - 1].text) <= 3 or self.tokens[i - 1].kind == "sign":
            return False
        return i + 1 == len(self.tokens) or not self.tokens[i + 1].glued

    def _is_before_year(self, i: int) -> bool:
        """Whether the sign is the comma of ``May 3, 2026``."""
        if self.tokens[i].text != "," or i < 2 or not self._is_word(i + 1) or self._last_kind() != "text":
            return False
        month, day, year = self.folds[i - 2], self.folds[i - 1], self.tokens[i + 1].text
        dated = month in word_set("dates", "months") and day.isdigit() and len(day) < 3
        return dated and year.isdigit() and len(year) == 4

    # positions in the list that was shown

    def _position(self, i: int) -> int:
        return self._number_after_noun(i) or self._number_after_stop(i) or self._joined_number(i) or self._ordinal(i)

    def _number_after_noun(self, i: int) -> int:
        """``nummer 2``, ``number two``, ``kontakt 2s``."""
        if self.folds[i] not in word_set("list_positions", "nouns_before"):
            return 0
        after = self._word_at(i + 1)
        after = after[:-1] if after[:-1].isdigit() and after.endswith("s") else after
        number = _small_number(after) or phrases("numbers").whole([after])
        return self._add("position", i, 2, value=number) if number and number != "0" else 0

    def _number_after_stop(self, i: int) -> int:
        """``nr. 2``."""
        if self.folds[i] not in ("nr", "no") or i + 2 >= len(self.tokens) or self.tokens[i + 1].text != ".":
            return 0
        number = _small_number(self.folds[i + 2])
        return self._add("position", i, 3, value=number) if number else 0

    def _joined_number(self, i: int) -> int:
        """``nummer2``."""
        for noun in ("nummer", "nr"):
            if self.folds[i].startswith(noun) and (number := _small_number(self.folds[i].removeprefix(noun))):
                return self._add("position", i, 1, value=number)
        return 0

    def _ordinal(self, i: int) -> int:
        """``den anden``, ``second one``, ``sidste``: an ordinal, where the words beside it say that it picks."""
        determiners, ordinals = word_set("list_positions", "determiners"), phrases("ordinals")
        ordinal, first = ordinals.whole([self.folds[i]]), i
        if ordinal and self._inside_name(i):
            ordinal = None
        if not ordinal and self.folds[i] in determiners:
            i += 1
            ordinal = ordinals.whole([self._word_at(i)])
        if not ordinal:
            return 0
        noun = phrases("list_positions", "nouns_behind").at(self.folds, i + 1) if self._is_word(i + 1) else None
        picks = len(self.tokens) == 1 or first < i or (i > 0 and self.folds[i - 1] in determiners)
        if not noun and (not picks or is_label(self._word_at(i + 1))):
            return 0
        return self._add("position", first, i - first + 1 + (noun[1] if noun else 0), value=ordinal)

    # labels of fields

    def _label(self, i: int) -> int:
        if self._inside_name(i) and not self._colon_at(i + 1):
            return 0
        lengths = (n for n in (4, 3, 2, 1) if self._may_hold_label(i, n))
        return next((length for n in lengths if (length := self._known_label(i, n) or self._own_label(i, n))), 0)

    def _colon_at(self, i: int) -> int:
        """The number of signs at ``i`` that end in a colon or an equals sign, such as ``.:``; 0 without."""
        for n in (0, 1):
            if i + n < len(self.tokens) and self.tokens[i + n].text in (":", "="):
                return n + 1
            if i + n < len(self.tokens) and self.tokens[i + n].text != ".":
                return 0
        return 0

    def _may_hold_label(self, i: int, n: int) -> bool:
        tokens = self.tokens[i : i + n]
        whole = len(tokens) == n and tokens[-1].kind == "word"
        return whole and all(t.kind == "word" or t.text in ".-" for t in tokens)

    def _known_label(self, i: int, n: int) -> int:
        """The name of a field, with a colon or among words that make it a label."""
        name = "".join(t.folded for t in self.tokens[i : i + n])
        colon = self._colon_at(i + n)
        found = find_label(name) or (self._unsure_label(name, bool(colon)) if n == 1 else None)
        if not found or not (colon or self._is_label_here(i, i + n, *found)):
            return 0
        self._add("label", i, n, found[0], colon=bool(colon))
        abbreviated = i + n < len(self.tokens) and self.tokens[i + n].text == "."
        return n + (colon or int(abbreviated))

    def _unsure_label(self, name: str, colon: bool) -> tuple[str, str] | None:
        """A misspelt label, or a letter as in a signature (``T: 22 33 44 55``)."""
        if len(self.chunks) < _MAX_MISSPELT and (near := find_misspelt_label(name)):
            return near, "context"
        letter = phrases("label_letters").whole([name]) if colon else None
        return (str(letter), "sure") if letter else None

    def _own_label(self, i: int, n: int) -> int:
        """Unknown words before a colon: the user's own name of a field, unless they are words of ours."""
        colon = self._colon_at(i + n)
        if not colon or n > 3:
            return 0
        introduced = self._last_kind() in ("of", "to", "from", "as", "in", "is")
        number = any(t.text.isdigit() for t in self.tokens[i : i + n])
        if introduced or number or not self._starts_phrase() or self._names_contact(i, n) or self._has_our_words(i, n):
            return 0
        name = self.text[self.tokens[i].start : self.tokens[i + n - 1].end]
        return self._add("label", i, n, name, known=False, colon=True) + colon

    def _has_our_words(self, i: int, n: int) -> bool:
        known = (function_words(), phrases("verbs"))
        if any(words.at(self.folds, j) for j in range(i, i + n) for words in known):
            return True
        return any(find_misspelt_verb(self.folds[j]) for j in range(i, i + n))

    def _names_contact(self, i: int, n: int) -> bool:
        """``Tove Lindahl: mobil …``: the contact stands before the colon, not a field."""
        tokens = self.tokens[i : i + n]
        if is_label(tokens[-1].folded):
            return True
        if self.shouting or not all(t.capital for t in tokens):
            return False
        return n > 1 or is_label(self._word_at(i + n + 1)) or self._last_kind() == "verb"

    def _is_label_here(self, i: int, after: int, name: str, grade: str) -> bool:
        """Whether the words around a possible label without a colon make it one."""
        token = self.tokens[after] if after < len(self.tokens) else None
        role = function_words().at(self.folds, after) if self._is_word(after) else None
        before = self.chunks[-1] if self.chunks else None
        label = _Candidate(name, self.tokens[i], before, token, role[0][0] if role else "")
        if grade == "colon":
            return self._is_label_without_colon(label)
        if self._is_owned(label):
            return True
        if grade == "context":
            return self._is_label_in_context(label)
        if self._is_introduced(label):
            return True
        if grade == "edge":
            return self._starts_phrase() and token is not None
        return self.shouting or self._starts_phrase() or not label.token.capital

    def _is_owned(self, label: _Candidate) -> bool:
        """``ny …``, ``Jens' …``, ``hendes …``."""
        pronoun = label.before is not None and label.before.kind == "pronoun" and label.before.value == "possessive"
        return label.follows in ("new", "genitive") or pronoun

    def _is_introduced(self, label: _Candidate) -> bool:
        """``ret …``, ``Mettes …``, ``… på Mette``, ``… til CFO``."""
        of = label.role == "of" and self._starts_phrase()
        return of or label.follows_verb(*_CHANGING, "add") or self._follows_genitive(label) or label.leads_to_value

    def _follows_genitive(self, label: _Candidate) -> bool:
        return label.before is not None and self._is_genitive(label.before)

    def _is_label_without_colon(self, label: _Candidate) -> bool:
        """A label that needs a colon does without where a correction names it beside the contact or the value."""
        if label.follows in ("email", "phone", "position", "separator", "is"):  # the contact
            return label.role == "to" and any(c.kind == "verb" and c.value == "update" for c in self.chunks)
        if label.follows in ("as", "to"):
            return label.role == "of"
        if label.before is not None and label.before.capital and self._is_genitive(label.before):
            return label.role == "is"
        return label.follows_verb(*_CHANGING) and label.role in ("to", "of")

    def _is_label_in_context(self, label: _Candidate) -> bool:
        """A label that is an ordinary word too: ``by``, ``job``, ``status``."""
        leads = label.leads_to_value or (label.role == "of" and self._starts_phrase() and self.verbs > 0)
        leads_or_ends = leads or label.after is None
        if label.follows_verb(*_CHANGING, "add"):
            return leads_or_ends or label.name != "city"
        if self._follows_genitive(label):
            return leads_or_ends
        if leads:
            return label.name != "city" or label.role in ("to", "is")
        return self._is_label_in_list(label)

    def _is_label_in_list(self, label: _Candidate) -> bool:
        """``… med job Bogholder``, ``navn Mette, by Ribe``: before a word with a capital."""
        if label.after is None or not label.after.capital:
            return False
        listed = label.follows == "separator" and any(c.kind == "label" for c in self.chunks)
        return label.follows == "with" or (listed and not label.token.capital)

    # verbs

    def _verb(self, i: int) -> int:
        if self._inside_name(i):
            return 0
        found = phrases("verbs").at(self.folds, i) or self._misspelt_verb(i)
        if not found:
            return 0
        group, n = found
        longer = function_words().at(self.folds, i)
        if (longer and longer[1] > n) or (group == "whether" and not self.is_question):
            return 0
        group = "ask" if group == "whether" else group
        if self._count_content() and not self._may_follow(i, n, group):
            return 0
        self.verbs += 1
        return self._add("verb", i, n, group)

    def _misspelt_verb(self, i: int) -> tuple[str, int] | None:
        if self.verbs or i >= _HEAD:
            return None
        first = not self._count_content() and self._is_word(i + 1)
        if self.tokens[i].capital and not first and not self.shouting:
            return None
        group = find_misspelt_verb(self.folds[i])
        whole = group == "search" and self._word_at(i + 1) in word_set("filters", "behind_search")
        return (group, 2 if whole else 1) if group else None

    def _count_content(self) -> int:
        """The number of chunks so far that say something."""
        return sum(chunk.kind not in ("filler", "separator", "new") for chunk in self.chunks)

    def _may_follow(self, i: int, n: int, group: str) -> bool:
        """Whether a word of the lexicon is a verb behind what was said before."""
        if self._last_kind() == "text" and self.tokens[i].glued:
            return False
        if group == "ask":
            return self._last_kind() == "verb"
        if not self.verbs:
            return i <= _HEAD and group != "add"
        return self._count_content() == self.verbs or self._starts_again(i + n, group)

    def _starts_again(self, after: int, group: str) -> bool:
        """Whether a second verb goes on about the same contact, or begins a search in a new sentence."""
        last = self.chunks[-1]
        if group in ("add", "update"):
            word = self._word_at(after)
            pronoun = any(word in word_set("pronouns", kind) for kind in ("possessive", "object"))
            return last.kind in ("separator", "and") and (is_label(word) or pronoun)
        return group == "search" and self.text[last.start : last.end] in _SENTENCE_ENDS

    # function words

    def _function_word(self, i: int) -> int:
        found = None if self._inside_name(i) else function_words().at(self.folds, i)
        if not found:
            return 0
        (kind, value), n = found
        if self.tokens[i].text == "I" and not self.shouting:
            kind, value = "filler", "polite"  # the English pronoun, not the Danish "in"
        if kind == "pronoun" and n == 1 and not self._is_pronoun(i):
            return 0
        if kind in ("filler", "as", "from") and n == 1 and self._starts_name(i):
            return 0
        if kind != "label":
            return self._add(kind, i, n, value)
        if self._last_kind() == "label" and self.chunks[-1].value != "name":
            return self._add("is", i, n)
        return self._add("label", i, n, value) + self._colon_at(i + n)

    def _starts_name(self, i: int) -> bool:
        """``Du Pont``, ``As Roma``: a capitalised function word that does not begin a sentence."""
        if self.shouting or not i or not self.tokens[i].capital or self._last_kind() == "separator":
            return False
        return self._is_word(i + 1) and self.tokens[i + 1].capital

    def _is_pronoun(self, i: int) -> bool:
        """``hans`` is a name too, and ``her`` is Danish for here: the words beside them decide."""
        word, after = self.folds[i], self._word_at(i + 1)
        if word not in ("hans", "her", "de") or is_label(after) or after in word_set("statements", "new"):
            return True
        if word == "her":
            return self._last_kind() in ("verb", "of")
        if word == "de" or not after or self.tokens[i].capital or self.tokens[i + 1].capital:
            return False
        behind = function_words().at(self.folds, i + 2) if self._is_word(i + 2) else None
        return behind is not None and behind[0][0] == "to"


def _small_number(folded: str) -> str:
    """A number of one or two digits, without leading zeros; "" for anything else."""
    is_small = folded.isascii() and folded.isdigit() and len(folded) < 3
    return str(int(folded)) if is_small else ""


def read_chunks(text: str, region: str) -> Sequence[Chunk]:
    """The chunks of a cleaned text."""
    return _Chunker(text, region).run()

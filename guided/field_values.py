"""The values of fields in the chunks of a message."""

from collections.abc import Collection, Sequence

from crm.domain import fold

from .chunker import ADDRESSES, TYPED_FIELDS, Chunk
from .lexicon import word_set
from .recognisers import is_company, is_state, lifecycle_stage, split_name, tidy, tidy_value

STOPS = frozenset({"separator", "label", "position"} | ADDRESSES)  # a value ends before chunks of these kinds
LOOSE_STOPS = STOPS | {"from", "as", "in", "with", "to", "is", "verb", "change"}  # so does one without a label
_NAME_STOPS = LOOSE_STOPS | {"and", "pronoun", "now"}
_NOT_AT_END = frozenset(("and", "new", "now", "with", "is", "genitive", "to", "pronoun", "of"))
_BEFORE_VALUE = ("is", "to", "now", "as", "new")


def text_of(text: str, chunks: Sequence[Chunk]) -> str:
    """The user's own words over a run of chunks."""
    return tidy(text[chunks[0].start : chunks[-1].end]) if chunks else ""


def value_of(text: str, chunks: Sequence[Chunk]) -> str:
    """The value that a run of chunks spells, without the full stop of a sentence."""
    return tidy_value(text[chunks[0].start : chunks[-1].end]) if chunks else ""


def value_end(text: str, chunks: Sequence[Chunk], i: int, stops: Collection[str] = STOPS) -> int:
    """Where the value that starts at chunk ``i`` ends: before a stop, and without function words at its end."""
    j = i
    while j < len(chunks) and chunks[j].kind not in stops:
        j += 1
    if j > i and _is_legal_form_next(text, chunks, j):
        return j + 2
    while j > i and (chunks[j - 1].kind in _NOT_AT_END or _is_courtesy(text, chunks[j - 1])):
        j -= 1
    return j


def _is_legal_form_next(text: str, chunks: Sequence[Chunk], i: int) -> bool:
    """``…, Inc.``."""
    if i + 1 >= len(chunks) or text[chunks[i].start : chunks[i].end] != "," or chunks[i + 1].kind != "text":
        return False
    after = text_of(text, [chunks[i + 1]])
    return " " not in after and is_company(f"x {after}")


def _is_courtesy(text: str, chunk: Chunk) -> bool:
    return chunk.kind == "filler" and fold(text[chunk.start : chunk.end]) in word_set("fillers", "behind_value")


def says_contact(chunks: Sequence[Chunk]) -> bool:
    """Whether the chunks only say what kind of entry it is: ``kontakt``, ``ny kunde``."""
    return any(c.value == "nouns" for c in chunks) and all(c.kind in ("filler", "new") for c in chunks)


def labelled_value(text: str, chunks: Sequence[Chunk], i: int) -> tuple[str | None, int]:
    """The value of the label at ``i`` and the index behind it; None where no value follows."""
    label = chunks[i]
    j = i + 1
    while j < len(chunks) and chunks[j].kind in _BEFORE_VALUE:
        j += 1
    if j < len(chunks):
        if chunks[j].kind == "verb" and not label.colon:
            return None, j
        if (value := _value_in_one_chunk(text, label, chunks[j])) is not None:
            return value, j + 1
    stop = value_end(text, chunks, j, _NAME_STOPS if label.value == "name" else STOPS)
    if _says_nothing(chunks[j:stop]):
        return None, j
    if not label.colon and stop < len(chunks) and chunks[stop].kind == TYPED_FIELDS.get(label.value):
        return None, i + 1  # "telefon Mette Hansen 22334455": a contact stands before the value
    value = value_of(text, chunks[j:stop])
    return (value, stop) if value and not is_state(value) else (None, stop)


def _says_nothing(chunks: Sequence[Chunk]) -> bool:
    return all(c.kind in ("filler", "and") and c.value != "nouns" for c in chunks)


def _value_in_one_chunk(text: str, label: Chunk, chunk: Chunk) -> str | None:
    """An address as the field holds it, an address in a field that holds any text, or a quotation."""
    kind = TYPED_FIELDS.get(label.value)
    if chunk.kind == kind or (chunk.kind in ADDRESSES and (kind is None or label.colon)):
        return text_of(text, [chunk])
    return text[chunk.start : chunk.end].strip() if chunk.value == "quoted" else None


def put(values: dict[str, str], name: str, value: str) -> None:
    """Stores the value of a field; the pseudo-field ``name`` becomes first and last name."""
    if name == "name":
        values.update(split_name(value))
    elif name == "lifecyclestage":
        values[name] = lifecycle_stage(value) or value
    else:
        values[name] = value


def put_new(values: dict[str, str], found: dict[str, str]) -> None:
    """Stores the values of fields that have none yet."""
    for name, value in found.items():
        values.setdefault(name, value)


def put_phone(values: dict[str, str], number: str) -> None:
    """Stores a number without a label: the first as the phone, a second as the mobile phone."""
    if "phone" not in values:
        values["phone"] = number
    elif values["phone"] != number:
        values.setdefault("mobilephone", number)

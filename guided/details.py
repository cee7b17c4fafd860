"""Pieces into the details of one contact: labelled values first, then what stands loose."""

from collections.abc import Sequence

from crm.domain import fold

from .lexicon import phrases
from .tape import Piece
from .values import (
    company_end,
    is_company,
    is_name,
    is_state,
    is_title,
    option,
    place,
    split_name,
    tidy,
    tidy_value,
    title_words,
)

TYPED = {"email": "email", "phone": "phone", "mobilephone": "phone", "fax": "phone", "website": "url"}
_STOPS = {"sep", "label", "email", "phone", "url", "domain", "pick"}
_LOOSE_STOPS = _STOPS | {"from", "as", "in", "with", "to", "is", "verb", "change"}
_NAME_STOPS = _LOOSE_STOPS | {"and", "person", "now"}
_TRAILING = {"and", "new", "now", "with", "is", "genitive", "to", "person", "of"}
_THANKS = (
    "alligevel",
    "igen",
    "anyway",
    "again",
    "tak",
    "please",
    "venligst",
    "thanks",
    "pls",
    "i stedet",
    "instead",
    "rather",
    "hellere",
)


def sliced(text: str, pieces: Sequence[Piece]) -> str:
    """The user's own words over a run of pieces."""
    return tidy(text[pieces[0].start : pieces[-1].end]) if pieces else ""


def extent(text: str, pieces: Sequence[Piece], i: int, stops: set[str] = _STOPS) -> int:
    """Where the run of pieces that starts at ``i`` ends: before a stop, without joining words at its tail."""
    j = i
    while j < len(pieces) and pieces[j].kind not in stops:
        j += 1
    if j > i and j + 1 < len(pieces) and text[pieces[j].start : pieces[j].end] == "," and pieces[j + 1].kind == "text":
        after = sliced(text, [pieces[j + 1]])
        if " " not in after and is_company(f"x {after}"):
            return j + 2
    while j > i and (pieces[j - 1].kind in _TRAILING or _is_thanks(text, pieces[j - 1])):
        j -= 1
    return j


def _is_thanks(text: str, piece: Piece) -> bool:
    return piece.kind == "filler" and text[piece.start : piece.end].lower() in _THANKS


def is_kind(pieces: Sequence[Piece]) -> bool:
    """Whether the pieces only say what kind of entry it is: ``kontakt``, ``ny kunde``."""
    return any(p.value == "nouns" for p in pieces) and all(p.kind in ("filler", "new") for p in pieces)


def labelled(text: str, pieces: Sequence[Piece], i: int) -> tuple[str | None, int]:
    """The value of the label at ``i`` and the index after it; None where no value follows."""
    label = pieces[i]
    j = i + 1
    while j < len(pieces) and pieces[j].kind in ("is", "to", "now", "as", "new"):
        j += 1
    kind = TYPED.get(label.value)
    if j < len(pieces) and pieces[j].kind == "verb" and not label.colon:
        return None, j
    if j < len(pieces) and kind and pieces[j].kind == kind:
        return sliced(text, [pieces[j]]), j + 1
    if j < len(pieces) and pieces[j].kind in ("email", "phone", "url", "domain") and (not kind or label.colon):
        return sliced(text, [pieces[j]]), j + 1
    if j < len(pieces) and pieces[j].value == "quoted":
        return text[pieces[j].start : pieces[j].end].strip(), j + 1
    stop = extent(text, pieces, j, _NAME_STOPS if label.value == "name" else _STOPS)
    if all(p.kind in ("filler", "and") and p.value != "nouns" for p in pieces[j:stop]):
        return None, j
    if kind and stop < len(pieces) and pieces[stop].kind == kind and not label.colon:
        return None, i + 1
    value = tidy_value(text[pieces[j].start : pieces[stop - 1].end]) if stop > j else ""
    return (value, stop) if value and not is_state(value) else (None, stop)


def put(values: dict[str, str], name: str, value: str) -> None:
    """Stores a labelled value; the pseudo-property ``name`` becomes first and last name."""
    if name == "name":
        values.update(split_name(value))
    elif name == "lifecyclestage":
        values[name] = option(value) or value
    else:
        values[name] = value


def put_phone(values: dict[str, str], number: str) -> None:
    """A number without a label is the phone; a second one the mobile phone."""
    if "phone" not in values:
        values["phone"] = number
    elif values["phone"] != number:
        values.setdefault("mobilephone", number)


def read_details(text: str, pieces: Sequence[Piece]) -> dict[str, str]:
    """The details of a contact to create, from labels, types, small words and the order of what is left."""
    values: dict[str, str] = {}
    loose: list[str] = []
    i = 0
    while i < len(pieces):
        piece = pieces[i]
        if piece.kind == "label":
            value, j = labelled(text, pieces, i)
            if value is not None:
                put(values, piece.value, value)
            i = max(j, i + 1)
            continue
        if piece.kind == "email":
            values.setdefault("email", sliced(text, [piece]))
        elif piece.kind == "phone":
            put_phone(values, sliced(text, [piece]))
        elif piece.kind == "url":
            values.setdefault("website", sliced(text, [piece]))
        elif piece.kind in ("from", "as", "in"):
            i = _led(text, pieces, i, values, loose)
            continue
        elif piece.kind == "text" and i and pieces[i - 1].kind == "and" and _is_verb(text, piece):
            pass
        elif piece.kind == "text":
            j = max(extent(text, pieces, i, _LOOSE_STOPS), i + 1)
            told = next((k for k in range(i + 2, j) if pieces[k - 1].kind == "and" and _is_verb(text, pieces[k])), j)
            last = told - 2 if told < j else j - 1  # without the joining word before the verb
            loose.append(tidy_value(text[piece.start : pieces[last].end]))
            i = told + 1 if told < j else j
            continue
        i += 1
    _allocate([s for s in loose if s], values)
    return values


def _is_verb(text: str, piece: Piece) -> bool:
    """Whether the text is a verb that was not read as one: "opret Mette og gem den"."""
    folds = [fold(w) for w in sliced(text, [piece]).split()]
    return piece.kind == "text" and not piece.capital and len(folds) == 1 and phrases("verbs").whole(folds) is not None


def _led(text: str, pieces: Sequence[Piece], i: int, values: dict[str, str], loose: list[str]) -> int:
    """Takes what a small word leads in: a company (fra), a job title (som), a city (i)."""
    kind = pieces[i].kind
    stops = (_LOOSE_STOPS - {"to"}) | {"verb"}
    j = extent(text, pieces, i + 1, stops)
    value = tidy_value(text[pieces[i + 1].start : pieces[j - 1].end]) if j > i + 1 else ""
    if not value:
        return i + 1
    if kind == "from":
        values.setdefault("company", value)
    elif kind == "as" and is_kind(pieces[i + 1 : j]):
        stages = [s for p in pieces[i + 1 : j] if (s := option(sliced(text, [p])))]
        if stages:
            values["lifecyclestage"] = stages[0]
    elif kind == "as":
        if stage := option(value):
            values["lifecyclestage"] = stage
        else:
            values.setdefault("jobtitle", value)
    elif is_company(value):
        values.setdefault("company", value)
    elif value[:1].isupper() or value.islower():
        values.setdefault("city", value)
    else:
        loose.append(value)
    return j


def _allocate(loose: list[str], values: dict[str, str]) -> None:
    """Gives the loose parts a place: by what they look like, then by their order (name, company, title)."""
    rest: list[str] = []
    for part in loose:
        if found := place(part):
            for name, value in found.items():
                values.setdefault(name, value)
        elif "firstname" in values or "lastname" in values:
            rest.extend(_known(part, values))
        elif not is_company(part) and is_title(part) and title_words(part.split()) == len(part.split()):
            values.setdefault("jobtitle", part)
        else:
            name, others = _name_of(part)
            values.update(split_name(name) if name else {})
            for other in others:
                rest.extend(_known(other, values))
            if not name and not others:
                continue
    for part in rest:
        order = ("company", "jobtitle") if part[:1].isupper() else ("jobtitle", "company")
        free = next((name for name in (*order, "city") if name not in values), None)
        if free and len(part) <= 120:
            values[free] = part


def _known(part: str, values: dict[str, str]) -> list[str]:
    """Stores a company or a job title known by its words; gives back what could be either."""
    listed = part.split()
    end = company_end(listed)
    if end:
        values.setdefault("company", " ".join(listed[:end]))
        return _known(" ".join(listed[end:]), values) if end < len(listed) else []
    if is_title(part):
        values.setdefault("jobtitle", part)
        return []
    return [part] if is_name(part) else []


def _name_of(part: str) -> tuple[str, list[str]]:
    """The name that a loose part starts with, and what stands beside it (title, company)."""
    listed = part.split()
    end = company_end(listed)
    if end:
        others = [" ".join(listed[end:])] if end < len(listed) else []
        if end <= 3:
            return "", [" ".join(listed[:end]), *others]
        return " ".join(listed[:2]), [" ".join(listed[2:end]), *others]
    lead = title_words(listed)
    if 0 < lead < len(listed) and is_name(" ".join(listed[lead:])):
        return " ".join(listed[lead:]), [" ".join(listed[:lead])]
    for i in range(2, min(len(listed), 10)):
        if title_words(listed[i:]) and is_name(" ".join(listed[:i])):
            return " ".join(listed[:i]), [" ".join(listed[i:])]
    return (part, []) if is_name(part) else ("", [])

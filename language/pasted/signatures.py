"""Reads an email signature, a business card or labelled lines: one person, with what each piece of a line is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from crm.domain import fold
from language.pasted.person import (
    PastedPerson,
    is_company_form,
    is_country,
    is_particle,
    is_street,
    label_of,
    starts_with,
    zip_and_city,
)
from language.tokens import Token, addresses, phones
from language.vocabulary import is_given_name

# also the pictures of telephones and envelopes that signatures have for labels
_SEPARATOR = re.compile(r"\s*[|·•\u2190-\u2bff\U0001f000-\U0001faff]\ufe0f?\s*|\t+|\s{3,}|\s+//\s+")
_LABELLED = re.compile(r"([^\W\d_][^:@\n]{0,28}?)\s*(?:[:：]|\s-\s)\s*(?!//)(\S.*)")
_PROSE_WORDS = 8  # of a line that is a sentence
_AT = re.compile(r"\s+(hos|at|ved|bei)\s+")
_LEADING = re.compile(r"^(?:for|at|hos|ved|bei|fra)\s+(?=[A-ZÆØÅÄÖÜ])", re.IGNORECASE)
_PHONES = ("phone", "mobilephone", "fax")
_MAX_NAME = 6  # words
_DOMAIN_ALIKE = 80  # of 100, for a company and the domain of an address


@dataclass
class _Piece:
    """A piece of a line that is no address or number: perhaps a name, a job title or a company."""

    text: str
    closed: bool  # a closing stands before it


def read_signature(text: str, region: str) -> PastedPerson:
    """The person whom the lines describe."""
    person, pieces, closed = PastedPerson(), list[_Piece](), False
    for line in _lines(text):
        if starts_with(line, "devices") or starts_with(line, "greetings"):
            continue
        while leave := starts_with(line, "closings"):
            closed, line = True, " ".join(line.split()[leave:]).lstrip(" ,/|!.")
        if _is_prose(line):
            person.unused.append(line)
            continue
        for segment in _segments(line):
            if not put_segment(person, segment, region):
                pieces.append(_Piece(segment.strip(" ,"), closed))
    labelled = bool({"firstname", "lastname"} & person.values.keys())  # a form has labels for everything
    if not labelled:
        _place_name(person, pieces)
    texts = [piece.text for piece in pieces if piece.text[:1].isalnum() and any(c.isalpha() for c in piece.text)]
    if labelled:
        person.unused += texts
    else:
        place_rest(person, texts)
    return person


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        stripped = line.strip().strip(">*_").strip()
        if stripped and set(stripped) - set("-–—=_ "):
            yield stripped


def _segments(line: str) -> Iterator[str]:
    """The pieces of a line; what stands before a street is one of its own: "Nordlys ApS, Havnegade 7"."""
    for segment in filter(None, _SEPARATOR.split(line)):
        parts = segment.split(", ")
        street = next((n for n, part in enumerate(parts) if is_street(part)), 0)
        if street and not any(map(zip_and_city, parts[:street])) and not _LABELLED.fullmatch(segment):
            yield from parts[:street]
            parts = parts[street:]
        yield ", ".join(parts)


def _is_prose(line: str) -> bool:
    words = line.split()
    if len(words) < _PROSE_WORDS - 3 or any(token.kind == "email" for token in addresses(line)):
        return False
    ends = line[-1] in ".!?" and not is_company_form(words[-1])
    small = sum(word[:1].islower() for word in words)
    return small * 2 > len(words) and (ends or len(words) >= _PROSE_WORDS - 1)


def put_segment(person: PastedPerson, segment: str, region: str) -> bool:
    """Store what a piece of a line surely is; False where it may be a name, a job title or a company."""
    found = _LABELLED.fullmatch(segment)
    if found and (name := label_of(found[1])):
        _put_labelled(person, name, segment if name == "nothing" else found[2], region)
        return True
    known = (t for t in addresses(segment) if t.kind in ("email", "url") or _is_site(segment, t))
    tokens = [*known, *phones(segment, region)]
    if tokens:
        return _put_tokens(person, segment, sorted(tokens, key=lambda token: token.start))
    first, _, rest = segment.partition(" ")
    if label_of(first) == "nothing" and any(c.isdigit() for c in rest):
        person.unused.append(segment)
        return True
    return _put_address(person, segment)


def _is_site(segment: str, token: Token) -> bool:
    """Whether an address without www is the whole piece, or stands behind a label: "dr.med." is none."""
    before = segment[: token.start].strip(" :")
    return token.kind == "site" and (token.text == segment.strip(" .,") or label_of(before) == "website")


def _put_labelled(person: PastedPerson, name: str, value: str, region: str) -> None:
    if name in _PHONES:
        found = next(iter(phones(value, region)), None)
        person.put(name, found.text if found else value)
        if found and (rest := value[found.end :].strip(" ,|")):
            put_segment(person, rest, region)
    elif name == "email":
        found = next((token for token in addresses(value) if token.kind == "email"), None)
        person.put(name, found.text if found else value)
    elif name == "address":
        if not _put_address(person, value):
            person.put(name, value)
    else:
        person.put(name, value)


def _put_tokens(person: PastedPerson, segment: str, tokens: Sequence[Token]) -> bool:
    """Store the addresses and numbers of a segment, each number by the label before it."""
    at, free = 0, list[str]()
    for token in tokens:
        before = segment[at : token.start].strip(" :.,;|–-(")
        label = label_of(before) or label_of(before.rpartition(" ")[2]) if before else None
        if token.kind == "phone":
            if label == "nothing":
                person.unused.append(segment[at : token.end].strip())
            else:
                person.put(label if label in _PHONES else "phone", segment[token.start : token.end])
        else:
            person.put("email" if token.kind == "email" else "website", token.text)
        if before and label is None:
            free.append(before)
        at = token.end
    free.append(segment[at:].strip(" :.,;|–-)<>"))
    person.unused += [text for text in free if text and not _put_address(person, text)]
    return True


def _put_address(person: PastedPerson, text: str) -> bool:
    """Store an address in parts: street, postal code and city, country; False where the text is none."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    country = parts.pop() if parts and is_country(parts[-1]) else ""
    place, street = _place_at_end(parts)
    if street and not place and not is_street(street[0]):
        if not country or len(street) > 2:
            return False
        place, street = {"city": street[0]}, []  # "Odense, Syddanmark, Danmark"
    if place and "city" not in place and street:  # "Unit 6, Station Yard, Carmarthen" before a postal code
        place["city"] = street.pop()
    found = {"address": ", ".join(street), **place, "country": country}
    for name, value in found.items():
        person.put(name, value)
    return any(found.values())


def _place_at_end(parts: list[str]) -> tuple[dict[str, str], list[str]]:
    """Postal code, city and state in the last one or two parts of an address, and the parts before them."""
    two = zip_and_city(", ".join(parts[-2:])) if len(parts) > 1 else {}
    if "state" in two:
        return two, parts[:-2]
    one = zip_and_city(parts[-1]) if parts else {}
    return (one, parts[:-1]) if one else ({}, parts)


def _place_name(person: PastedPerson, pieces: list[_Piece]) -> None:
    """Take the piece that looks most like a name, behind a closing rather than before it, and what only repeats it."""
    email = person.values.get("email", "")
    if not pieces:
        return
    scores = [(_name_score(piece.text, email), piece.closed, -n) for n, piece in enumerate(pieces)]
    score, _, place = max(scores)
    if not score:
        return
    name = pieces[-place].text
    person.put("name", name)
    before, behind = pieces[:-place], pieces[-place + 1 :]
    parts = {fold(word) for word in name.split()}
    person.unused += [piece.text for piece in before if not _is_company(piece.text, email)]
    kept = [*behind, *(piece for piece in before if _is_company(piece.text, email))]
    pieces[:] = [piece for piece in kept if not {fold(word) for word in piece.text.split()} <= parts]


def place_rest(person: PastedPerson, texts: Sequence[str]) -> None:
    """Take a company and a job title among texts that stand behind a name; the others are unused."""
    email = person.values.get("email", "")
    texts = [part for text in texts for part in _title_and_company(_LEADING.sub("", text), email)]
    company = next((text for text in texts if _is_company(text, email)), None)
    others = [text for text in texts if text != company]
    if company is None and len(others) > 1:
        company = others.pop(1)
    for name, value in (("company", company or ""), ("jobtitle", others[0] if others else "")):
        person.put(name, value)
    person.unused += others[1:]


def _title_and_company(text: str, email: str) -> list[str]:
    """ "HR Business Partner hos Grønbæk Foods A/S" in two; any other text whole."""
    title, at, company = _AT.split(text, maxsplit=1) if _AT.search(text) else (text, "", "")
    return [title, company] if at and _is_company(company, email) else [text]


def _name_score(text: str, email: str) -> int:
    """How much a piece looks like the name of a person; 0 where it cannot be one."""
    words = [word for word in re.sub(r",.*", "", text).replace("(", " ").split() if any(c.isalpha() for c in word)]
    if not _can_be_name(text, words):
        return 0
    local, parts = fold(email.partition("@")[0]), [fold(word) for word in re.split(r"[\s-]", text)]
    score = 3 * is_given_name(words[0])
    score += 2 * any(len(part) > 2 and part in local for part in parts)
    score += 2 * (len(words) > 1 and local == "".join(part[:1] for part in parts))
    return score + (len(words) > 1) * 2 if score else 0


def _can_be_name(text: str, words: Sequence[str]) -> bool:
    if not 0 < len(words) <= _MAX_NAME or re.search(r"[\d&]", text) or any(map(is_company_form, words[1:])):
        return False
    return all(not word[:1].islower() or is_particle(word) for word in words)


def _is_company(text: str, email: str) -> bool:
    """Whether a piece has a legal form, or sounds like the domain of the person's address."""
    words = text.split()
    if any(map(is_company_form, words[1:])):
        return True
    domain = fold(email.partition("@")[2].rpartition(".")[0].replace(".", ""))
    return len(domain) > 2 and fuzz.partial_ratio(domain, fold("".join(words))) >= _DOMAIN_ALIKE

"""Reads an email signature, a business card or labelled lines: one person, with what each piece of a line is."""

import re
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from crm.domain import fold
from language.pasted.person import (
    PastedPerson,
    is_company_form,
    is_country,
    is_county,
    is_floor,
    is_name_text,
    is_particle,
    is_street,
    is_unit,
    label_of,
    starts_with,
    with_words_for_signs,
    without_titles,
    zip_and_city,
)
from language.tokens import Token, addresses, phones
from language.vocabulary import is_given_name, is_ordinary

# also the pictures of telephones and envelopes that signatures have for labels
_SEPARATOR = re.compile(r"\s*[|·•\u2190-\u2bff\U0001f000-\U0001faff]\ufe0f?\s*|\t+|(?<![:\s])\s{3,}|\s+//\s+")
_HEAD = re.compile(
    r"(?:til|to|an|cc|emne|subject|betreff|sendt|sent|gesendet|dato|date)\s*:", re.IGNORECASE
)  # of a mail
_LABELLED = re.compile(r"([^\W\d_][^:@\n]{0,28}?)\s*(?:[:：]|\s-\s)\s*(?!//)(\S.*)")
_PROSE_WORDS = 8  # of a line that is a sentence
_AT = re.compile(r"\s+(hos|at|ved|bei)\s+")
_LEADING = re.compile(r"^(?:for|at|hos|ved|bei|fra)\s+(?=[A-ZÆØÅÄÖÜ])", re.IGNORECASE)
_PHONES = ("phone", "mobilephone", "fax")
_MAX_NAME = 6  # words
_ADDRESS_LINES = 6
_DOMAIN_ALIKE = 80  # of 100, for a company and the domain of an address


def read_signature(text: str, region: str) -> PastedPerson:
    """The person whom the lines describe; of a mail with a closing, only what stands behind it counts."""
    before, behind, signed = _around_closing(_with_whole_addresses(_with_labels(list(_lines(text)))))
    person = _read(behind, region, signed=signed)
    if person.is_person or not before:
        person.unused = [*before, *person.unused]
        return person
    return _read([*before, *behind], region, signed=signed)


def has_closing(text: str) -> bool:
    """Whether a line of the text takes leave, as mails do."""
    return _around_closing(list(_lines(text)))[2]


def is_greeting(line: str) -> bool:
    """Whether a line is only a greeting: "Hi Mark,"."""
    words = line.strip(" ,!.").split()[starts_with(line, "greetings") :]
    return len(words) < min(4, len(line.split())) and all(word[:1].isupper() for word in words)


def _around_closing(lines: list[str]) -> tuple[list[str], list[str], bool]:
    """The lines before the first closing ("Med venlig hilsen") and those behind it, and whether there is one."""
    for n, line in enumerate(lines):
        behind = _without_closing(line)
        if behind != line and not is_prose(line):
            return lines[:n], [*filter(None, [behind]), *lines[n + 1 :]], True
    return [], lines, False


def _without_closing(line: str) -> str:
    while leave := _closing(line):
        line = " ".join(line.split()[leave:]).lstrip(" ,/|!.")
    return line


def _closing(line: str) -> int:
    """The number of words at the start of a line that take leave: alone, or before a name or another closing. A single
    word ("LG", "Best") does so only before a known given name.
    """
    leave, words = starts_with(line, "closings"), line.split()
    behind = words[leave:]
    if not leave or not behind or words[leave - 1][-1] in ",!.":
        return leave
    named = is_given_name(behind[0]) or (leave > 1 and not behind[0][:1].islower())
    return leave if named or starts_with(" ".join(behind), "closings") else 0


def _read(lines: Sequence[str], region: str, *, signed: bool) -> PastedPerson:
    person = PastedPerson()
    pieces = list(_put_lines(person, lines, region))
    labelled = bool({"firstname", "lastname"} & person.values.keys())  # a form has labels for everything
    if not labelled:
        _place_name(person, pieces, signed=signed)
    texts = [piece for piece in pieces if any(c.isalnum() for c in piece)]
    free = [] if labelled else list(filter(_begins_with_word, texts))
    person.unused += [text for text in texts if text not in free]
    place_rest(person, free)
    _take_site_of_email(person)
    return person


def _put_lines(person: PastedPerson, lines: Sequence[str], region: str) -> Iterator[str]:
    """Store what is sure in each line, and yield the pieces that may be a name, a job title or a company."""
    for whole in lines:
        line = whole if is_prose(whole) else _without_closing(whole)
        if not line or starts_with(line, "devices") or starts_with(line, "greetings"):
            continue
        if is_prose(line) or _HEAD.match(line):
            person.unused.append(line)
            continue
        for part in _segments(line):
            if not put_segment(person, part, region):
                yield part.strip(" ,")


def _begins_with_word(text: str) -> bool:
    """Whether a piece is no aside in brackets and no number: "(he/him)"."""
    return text[0].isalnum() and any(c.isalpha() for c in text)


def _take_site_of_email(person: PastedPerson) -> None:
    """Take a page as the website where its host is the domain of the email address."""
    domain = person.values.get("email", "").partition("@")[2].lower()
    host = re.compile(rf"(?:https?://)?(?:www\.)?{re.escape(domain)}(?:/\S*)?", re.IGNORECASE)
    page = next((text for text in person.unused if host.fullmatch(text)), None)
    if domain and page and "website" not in person.values:
        person.unused.remove(page)
        person.values["website"] = page


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        stripped = with_words_for_signs(line).strip().strip(">*_").strip()
        if stripped and set(stripped) - set("-–—=_ "):
            yield stripped


def _with_labels(lines: list[str]) -> list[str]:
    """The lines with each label that has a line of its own before its value, where two labels at least have one."""
    alone = [label_of(line) is not None and not any(c.isdigit() for c in line) for line in lines]
    pairs = {
        n for n in range(len(lines) - 1) if alone[n] and not alone[n + 1] and not _LABELLED.fullmatch(lines[n + 1])
    }
    if len(pairs) < 2:
        return lines
    kept = list[str]()
    for n, line in enumerate(lines):
        if n in pairs and any(map(is_company_form, lines[n + 1].split())):
            continue  # the heading over a company, which may call itself a name
        if n - 1 in pairs and kept[-1:] == [lines[n - 1]]:
            kept[-1] = f"{kept[-1].rstrip(':')}: {line}"
        else:
            kept.append(line)
    return kept


def _with_whole_addresses(lines: list[str]) -> list[str]:
    """The lines with an address in one where parts of it stand between the street and the postal code."""
    for n, line in enumerate(lines):
        end = next((m for m in range(n + 1, min(n + _ADDRESS_LINES, len(lines))) if zip_and_city(lines[m])), 0)
        if end > n + 1 and is_street(line) and all(map(_may_be_place, lines[n + 1 : end])):
            return [*lines[:n], ", ".join(lines[n : end + 1]), *_with_whole_addresses(lines[end + 1 :])]
    return lines


def _may_be_place(line: str) -> bool:
    words = line.split()
    capital = all(word[:1].isupper() for word in words) and not any(c in ":@|" or c.isdigit() for c in line)
    return capital and len(words) < 4 and label_of(line) is None


def _segments(line: str) -> Iterator[str]:
    """The pieces of a line; what stands before a street is one of its own: "Nordlys ApS, Havnegade 7"."""
    for segment in filter(None, _SEPARATOR.split(line)):
        parts = segment.split(", ")
        street = next((n for n, part in enumerate(parts) if is_street(part)), 0)
        while street and is_floor(parts[street - 1]):
            street -= 1
        if street and not any(map(zip_and_city, parts[:street])) and not _LABELLED.fullmatch(segment):
            yield from parts[:street]
            parts = parts[street:]
        yield ", ".join(parts)


def is_prose(line: str) -> bool:
    """Whether a line is a sentence, by its small letters and its length."""
    words = line.split()
    small = sum(word[:1].islower() for word in words)
    ends = line[-1] in ".!?" and not is_company_form(words[-1])
    return small * 2 > len(words) and len(words) >= (_PROSE_WORDS - 3 if ends else _PROSE_WORDS - 1)


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
    if is_county(segment) and "city" in person.values:
        person.put("state", segment)
        return True
    first, _, rest = segment.partition(" ")
    if label_of(first) == "nothing" and any(c.isdigit() for c in rest):
        person.unused.append(segment)
        return True
    return _put_address(person, segment)


def _is_site(segment: str, token: Token) -> bool:
    """Whether an address without www is the whole piece, or stands behind a label: "dr.med." is none."""
    label = segment[: token.start].strip(" :").rpartition(" ")[2]
    return token.kind == "site" and (token.text == segment.strip(" .,") or label_of(label) == "website")


def _put_labelled(person: PastedPerson, name: str, value: str, region: str) -> None:
    if name in _PHONES:
        _put_phone(person, name, value, region)
    elif name == "email":
        found = next((token for token in addresses(value) if token.kind == "email"), None)
        person.put(name if found else "nothing", found.text if found else value)
    elif name == "website":
        person.put(name, next((token.text for token in addresses(value)), value))
    elif name == "address":
        if not _put_address(person, value):
            person.put(name, value)
    else:
        person.put(name, value)


def _put_phone(person: PastedPerson, name: str, value: str, region: str) -> None:
    found = next(iter(phones(value, region)), None)
    rest = value[found.end :].strip(" ,|") if found else ""
    aside = _label_in_brackets(rest)
    person.put(aside or name, found.text if found else value)
    if rest and not aside:
        put_segment(person, rest, region)


def _label_in_brackets(text: str) -> str | None:
    """The kind of phone that stands in brackets behind a number: "(Mobil)"."""
    name = label_of(text[1:-1]) if text.startswith("(") and text.endswith(")") else None
    return name if name in _PHONES else None


def _put_tokens(person: PastedPerson, segment: str, tokens: Sequence[Token]) -> bool:
    """Store the addresses and numbers of a segment, each number by the label before it."""
    at, free, held = 0, list[str](), (dict(person.values), list(person.unused))
    for token in tokens:
        before = segment[at : token.start].strip(" :.,;|–-(")
        label = label_of(before) or label_of(before.rpartition(" ")[2])
        if token.kind != "phone":
            person.put("email" if token.kind == "email" else "website", token.text)
        elif label == "nothing":
            person.unused.append(segment[at : token.end].strip())
        else:
            person.put(label if label in _PHONES else "phone", token.text)
        if before and label is None:
            free.append(before)
        at = token.end
    free.append(segment[at:].strip(" :.,;|–-)<>"))
    left = [text for text in free if text and not _put_address(person, text)]
    if person.values == held[0] and (left or len(tokens) > 1):  # a sentence about somebody else's address
        person.unused[:] = [*held[1], segment]
    else:
        person.unused += left
    return True


def _put_address(person: PastedPerson, text: str) -> bool:
    """Store an address in parts: street, postal code and city, country; False where the text is none."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    country = parts.pop() if parts and is_country(parts[-1]) else ""
    place, street = _place_at_end(parts)
    if street and not place and not is_street(street[0]) and not is_floor(street[0]):
        if not country or len(street) > 2:
            return False
        place, street = dict(zip(("city", "state"), street, strict=False)), []  # "Odense, Syddanmark, Danmark"
    if place and "city" not in place:
        place |= _city_at_end(street)
    found = {"address": ", ".join(street), **place, "country": country}
    for name, value in found.items():
        person.put(name, value)
    return any(found.values())


def _city_at_end(street: list[str]) -> dict[str, str]:
    """City and county of an address before its postal code, taken off: "Unit 6, Station Yard, Carmarthen"."""
    county = {"state": street.pop()} if len(street) > 1 and is_county(street[-1]) else {}
    return county | ({"city": street.pop()} if street else {})


def _place_at_end(parts: list[str]) -> tuple[dict[str, str], list[str]]:
    """Postal code, city and state in the last one or two parts of an address, and the parts before them."""
    two = zip_and_city(", ".join(parts[-2:])) if len(parts) > 1 else {}
    if "state" in two:
        return two, parts[:-2]
    one = zip_and_city(parts[-1]) if parts else {}
    return (one, parts[:-1]) if one else ({}, parts)


def _place_name(person: PastedPerson, pieces: list[str], *, signed: bool) -> None:
    """Take the piece that looks most like a name, the first of several, and drop what only repeats it.

    Where nobody knows such a name, it is words of no dictionary close behind a closing (``signed``).
    """
    email = person.values.get("email", "")
    scores = [(_name_score(piece, email), -n) for n, piece in enumerate(pieces)]
    if signed and not any(score for score, _ in scores):
        scores = [(int(_is_strange(piece, email)), -n) for n, piece in enumerate(pieces[:2])]
    score, place = max(scores, default=(0, 0))
    if not score:
        return
    name = pieces[-place]
    person.put("name", name)
    before, behind = pieces[:-place], pieces[-place + 1 :]
    parts = {fold(word) for word in name.split()}
    person.unused += [piece for piece in before if not _is_company(piece, email)]
    kept = [*behind, *(piece for piece in before if _is_company(piece, email))]
    pieces[:] = [piece for piece in kept if not {fold(word) for word in piece.split()} <= parts]


def place_rest(person: PastedPerson, texts: Sequence[str]) -> None:
    """Take a company and a job title among texts that stand behind a name; the others are unused.

    A number or a price is neither, and what looks like another person's name makes the whole doubtful.
    """
    email = person.values.get("email", "")
    parts = [part for text in texts for part in _title_and_company(_LEADING.sub("", text), email)]
    company = next((part for part in parts if _is_company(part, email)), "") or _of_family(person, parts)
    others = [part for part in parts if part != company]
    person.is_doubtful |= any(map(_names_somebody, others))
    free = [text for text in others if _may_be_title(text)]
    if not company and len(free) > 1:
        company = free.pop(1)
    title = next(iter(free), "")
    person.put("company", company)
    person.put("jobtitle", title)
    person.unused += [text for text in others if text not in (company, title)]


def _may_be_title(text: str) -> bool:
    return not (_names_somebody(text) or is_unit(text) or any(c.isdigit() for c in text))


def _of_family(person: PastedPerson, parts: Sequence[str]) -> str:
    """The text with the person's family name in it, perhaps in the genitive: "Thomsens Tagteknik"; else ""."""
    family = {fold(word) for word in person.values.get("lastname", "").split() if len(word) > 2}
    words = ((part, word) for part in parts for word in part.split())
    return next((part for part, word in words if {fold(word), fold(word.rstrip("'’s"))} & family), "")


def _names_somebody(text: str) -> bool:
    words = text.split()
    return len(words) > 1 and is_given_name(words[0]) and can_be_name(text)


def _title_and_company(text: str, email: str) -> list[str]:
    """ "HR Business Partner hos Grønbæk Foods A/S" in two; any other text whole."""
    title, at, company = _AT.split(text, maxsplit=1) if _AT.search(text) else (text, "", "")
    return [title, company] if at and _is_company(company, email) else [text]


def _name_score(text: str, email: str) -> int:
    """How much a text looks like the name of a person; 0 where it cannot be one, or where nothing says that it is."""
    if not can_be_name(text):
        return 0
    words, local = _words(text), fold(email.partition("@")[0])
    parts = [fold(word) for word in re.split(r"[\s-]", text)]
    score = 3 * is_given_name(words[0])
    score += 2 * any(len(part) > 2 and part in local for part in parts)
    score += 2 * (len(words) > 1 and local == "".join(part[:1] for part in parts))
    return score + (len(words) > 1) * 2 if score else 0


def _is_strange(text: str, email: str) -> bool:
    words = _words(text)
    may_be = len(words) > 1 and can_be_name(text) and not _is_company(text, email)
    return may_be and not any(map(is_ordinary, words))


def _words(text: str) -> list[str]:
    plain = without_titles(re.sub(r",.*", "", text).replace("(", " "))
    return [word for word in plain.split() if any(c.isalpha() for c in word)]


def can_be_name(text: str) -> bool:
    """Whether nothing in the text speaks against the name of a person."""
    words = _words(text)
    if not 0 < len(words) <= _MAX_NAME or not is_name_text(text) or any(map(is_company_form, words[1:])):
        return False
    return all(not word[:1].islower() or is_particle(word) for word in words)


def _is_company(text: str, email: str) -> bool:
    """Whether a piece has a legal form, or sounds like the domain of the person's address."""
    words = text.split()
    if any(map(is_company_form, words[1:])):
        return True
    domain = fold(email.partition("@")[2].rpartition(".")[0].replace(".", ""))
    return len(domain) > 2 and fuzz.partial_ratio(domain, fold("".join(words))) >= _DOMAIN_ALIKE

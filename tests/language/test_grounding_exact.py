"""What is close to the user's words and is not what they said: addresses, numbers and names, and what they cleared."""

import tomllib

import pytest

from crm.domain.schema import Schema
from language.cleared_fields import clearing_words
from language.grounding import sources
from support.children import ROOT

NUMBER = "+4522334455"


@pytest.mark.parametrize(
    ("said", "name", "given", "after"),
    [
        ("ret mailen til per@danskebanken.dk", "email", "per@danskebank.dk", "per@danskebank.dk"),
        ("mailen er mette.hansen@nordlys.example", "email", "mette@hansen.nordlys.example", ""),
        ("mailen er mette.hansen@nordlys.example", "email", "hansen@nordlys.example", ""),
        ("mailen er per@nordlys.example.evil.example", "email", "per@nordlys.example", ""),
        ("hjemmesiden er https://nordlys.example/om", "website", "https://nordlys.example", ""),
        ("hjemmesiden er ond-nordlys.example", "website", "nordlys.example", ""),
        ("mailen er per@nordlys.example", "website", "nordlys.example", ""),
        ("ring på 22 33 44 55", "phone", "+4622334455", "+4622334455"),
        ("ring på 22 33 44 55", "phone", "+1998822334455", "+1998822334455"),
        ("ring på +46 22 33 44 55", "phone", "22334455", NUMBER),
        ("ring på 0046 22 33 44 55", "phone", "22334455", NUMBER),
        ("ring på 22 33 44 55", "mobilephone", "33445522", "+4533445522"),
        ("ring på 22 33 44 55", "phone", "22 33 44 55 ext. 12", "+4522334455 ext. 12"),
        ("omsætningen er 12345678", "annualrevenue", "9912345678", "9912345678"),
        ("omsætningen er 1.234.567", "total_revenue", "567", "567"),
        ("omsætningen er 1.234.567", "annualrevenue", "567", "567"),
        ("omsætningen er 1 234 567", "annualrevenue", "1234", "1234"),
        ("omsætningen er 5 mio", "annualrevenue", "5", "5"),
        ("omsætningen er 5 mio", "total_revenue", "5", "5"),
        ("omsætningen er -5000", "annualrevenue", "5000", "5000"),
        ("produktet er A4000", "annualrevenue", "4000", "4000"),
        ("hun hedder Hansen", "lastname", "Hans", "Hans"),
        ("hun hedder Mettesen", "firstname", "Mette", "Mette"),
        ("firmaet er 50001", "zip", "5000", "5000"),
        ("ring på 22 33 44 55", "zip", "3344", "3344"),
        ("ring på 22 33 44 55", "annualrevenue", "44", "44"),
        ("ring på +45 22 33 44 55", "zip", "55", "55"),
        ("ring på 22-33-44-55", "annualrevenue", "22", "22"),
        ("ring på (22) 33 44 55", "annualrevenue", "33", "33"),
        ("ring på 22 33 44 55 8000", "annualrevenue", "44", "44"),
        ("ring på 22 33 44 55 og 33 44 55 66", "annualrevenue", "66", "66"),
        ("ret hans stilling til CFO", "firstname", "Hans", ""),
        ("ring til hende per telefon", "firstname", "Per", ""),
        ("firmaet er Nordisk", "company", "Nord", "Nord"),
        ("firmaet er Grundfos", "company", "Grund", "Grund"),
        ("firmaet er Koldinghus", "company", "Kolding", "Kolding"),
    ],
)
def test_what_was_made_of_it(schema: Schema, said: str, name: str, given: str, after: str) -> None:
    """A value that was made of what the user said, by leaving out, adding or moving something, is not theirs."""
    assert sources(said, [], schema)(name, given, after or given) == "unknown"


@pytest.mark.parametrize(
    "said",
    [
        *("22 33 44 55", "22334455", "2233 4455", "22.33.44.55", "22-33-44-55", "(22) 33 44 55", "223 344 55"),
        *("+45 22 33 44 55", "+4522334455", "(+45) 22334455", "0045 22 33 44 55", "00 45 22334455"),
        *(
            "tlf:22334455",
            "tlf. 22 33 44 55.",
            "postnr 5000, 22334455",
            "5000 22 33 44 55",
            "22\u00a033\u00a044\u00a055",
        ),
        *("45 22 33 44 55", "22\u00a033\u00a044\u00a055", "22334455/33445566"),
        *("+46 70 123 45 67 22 33 44 55", "٢٢٣٣٤٤٥٥", "22 33 44 55 lokal 12"),
    ],
)
def test_a_number_in_any_groups(schema: Schema, said: str) -> None:
    """A phone number is the user's in whatever groups they typed it, with its country code and without."""
    source_of = sources(f"ring på {said}", [], schema)
    assert [source_of(name, "22334455", NUMBER) for name in ("phone", "mobilephone", "fax")] == ["user"] * 3


@pytest.mark.parametrize(
    ("said", "name", "given", "after"),
    [
        ("mail: Per@Nordlys.Example.", "email", "per@nordlys.example", "per@nordlys.example"),
        ("per@blåbær.dk, tak", "email", "per@blåbær.dk", "per@xn--blbr-roah.dk"),
        ("<mailto:per@nordlys.example>", "email", "per@nordlys.example", "per@nordlys.example"),
        ("se https://Nordlys.example/Om.", "website", "https://nordlys.example/Om", "https://nordlys.example/Om"),
        ("hjemmeside nordlys.example?", "website", "https://nordlys.example", "https://nordlys.example"),
        ("22 33 44 55 ext. 12", "phone", "22 33 44 55 ext. 12", "+4522334455 ext. 12"),
        ("omsætningen er 1 234 567 kr", "annualrevenue", "1234567", "1234567"),
        ("omsætningen er 2,5 mio", "total_revenue", "2500000", "2500000"),
        ("omsætningen er 1.234,5 kr", "total_revenue", "1234.5", "1234.5"),
        ("omsætningen er 2,5 mio", "annualrevenue", "2500000", "2500000"),
        ("omsætningen er kr.5.000,-", "annualrevenue", "5000", "5000"),
        ("omsætningen er 5000kr", "annualrevenue", "5000", "5000"),
        ("omsætningen er 12 34 56 78", "annualrevenue", "12345678", "12345678"),
        ("Mettes efternavn er Hansens", "lastname", "Hansen", "Hansen"),
        ("ret Mettes mail", "firstname", "Mette", "Mette"),
        ("omsætningen er 25 500 000 kr", "annualrevenue", "25500000", "25500000"),
        ("bor i 8000, tlf. 22 33 44 55", "zip", "8000", "8000"),
        ("opret hans, telefon 22334455", "firstname", "Hans", "Hans"),
        ("opret hans jensen, hans stilling er CFO", "firstname", "Hans", "Hans"),
        ("opret Hans telefon 22334455", "firstname", "Hans", "Hans"),
        ("Anne-Marie O'Briens", "lastname", "O'Brien", "O'Brien"),
        ("omsætning 1.234.567", "annualrevenue", "1.234.567", "1.234.567"),
        ("postnummeret er 0800", "zip", "0800", "0800"),
        ("postnummeret er 12 34", "zip", "1234", "1234"),
        ("hun er direktøren", "jobtitle", "Direktør", "Direktør"),
    ],
)
def test_what_was_said_in_another_form(schema: Schema, said: str, name: str, given: str, after: str) -> None:
    """Case, a scheme, groups of digits, a genitive and the endings of a title do not make it another value."""
    assert sources(said, [], schema)(name, given, after) == "user"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("hvad er Anna Andersens telefon?", "phone"),
        ("what is Anna's phone number?", "phone"),
        ("hvad er Tom Hansens telefon?", "phone"),
        ("slet ikke hendes telefon", "phone"),
        ("don't remove her phone", "phone"),
        ("slet faxnummeret\nhun er direktør\nhvad er stillingen?", "jobtitle"),
        ("fjern stillingen", "phone"),
        ("fjern telefonen på mette@nordlys.example, men behold hendes stilling", "jobtitle"),
        ("remove the phone of Mette but keep her job title", "jobtitle"),
        ("fjern telefonen og behold stilling og by", "city"),
        ("behold stilling, fjern telefon", "jobtitle"),
        ("find kontakten uden telefon med e-mail mh@fjordbyg.example og ret stilling til CFO", "email"),
        ("find kontakten uden telefon", "phone"),
        ("kan du se, om stilling er tom?", "jobtitle"),
        ("hvem har ingen telefon, men en e-mail?", "email"),
        ("har hun ingen stilling?", "jobtitle"),
        ("fjern telefon, stilling skal være CFO", "jobtitle"),
        ("fjern telefon og ret stilling til CFO", "jobtitle"),
        ("ret stilling til CFO, fjern telefon", "jobtitle"),
        ("fjern telefonen. Hendes stilling er CFO", "jobtitle"),
        ("slet ikke stillingen, men telefonen", "jobtitle"),
        ("lad være med at slette telefonen. Ret stilling til CFO", "phone"),
        ("undlad at slette telefonen", "phone"),
        ("undlad venligst at slette telefonen", "phone"),
        ("lad nu være med at fjerne telefonen", "phone"),
        ("glem at rette telefonen", "phone"),
        ("forget about the phone", "phone"),
        (f"fjern telefonen\n{'ord ' * 300}", "phone"),  # of a long text only the end is read
        ("jeg vil ikke have telefonen slettet", "phone"),
        ("ret stilling til CFO uden at slette telefonen", "phone"),
        ("without changing the phone, set title to CFO", "phone"),
        ("fjern alt undtagen telefonen", "phone"),
        ("fjern stillingen i stedet for telefonen", "phone"),
        ("hvem har slettet telefonen?", "phone"),
        ("skal jeg slette telefonen?", "phone"),
        ("har du slettet telefonen?", "phone"),
        ("how do I remove a phone?", "phone"),
        ("hvis telefonen er tom, så skriv 22 33 44 55", "phone"),
        ("ret telefonen til 22 33 44 55 og intet andet", "phone"),
        ("telefonen er ikke længere 44556677, den er 22334455", "phone"),
        ("hun har ikke svaret på min mail", "email"),
        ("fjern mellemrummene fra telefonen", "phone"),
        ("remove senior from title", "jobtitle"),
        ("ret tom hansens telefon til 22 33 44 55", "phone"),
    ],
)
def test_a_field_that_is_only_named(schema: Schema, said: str, name: str) -> None:
    """Who asks about a field, or speaks of clearing another, has not cleared it."""
    assert sources(said, [], schema)(name, "", "") == "unknown"


@pytest.mark.parametrize(
    "said",
    [
        *("slet hendes telefon", "Fjern telefonen", "ryd telefon", "tøm telefonnummeret", "nulstil telefon"),
        *("sæt telefon til blank", "telefonen skal være tom", "ingen telefon", "uden telefon", "telefonen skal væk"),
        *("clear her phone", "remove the phone", "delete phone", "make phone empty", "erase the phone", "phone: none"),
        *("without phone", "she no longer has a phone", "hun har ikke længere telefon", "fjerne hendes telefon"),
        *(
            "slettte telefonen",
            "smid telefonnummeret ud",
            "ret hendes telefon\nnej, slet den",
            "slet et felt\ntelefonen",
        ),
        *("fjern mobilnummeret", "hun har ikke telefon mere", "kan du fjerne hendes telefon?"),
        *("fjern stilling, mail og telefon", "fjern hendes stilling og hendes telefon", "clear title, phone and city"),
        *("telefon og stilling skal fjernes", "stilling, telefon og by slettes", "Mettes telefon, den skal slettes"),
        *("fjern stilling og telefon på Mette Hansen", "ret stilling til CFO og slet telefonen", "telefon, slet den"),
        *("kan du ikke lige slette telefonen?", "fjern med det samme telefonen", "fjern telefonen fra Mette Hansen"),
        *("stillingen er CFO nu, og telefonen er tom nu", "telefonen er væk, tak"),
        *("behold stilling og by, fjern telefon", "behold stillingen, men fjern telefonen"),
        "ret Mettes stilling til CFO, og fjern by, telefon og fax",
    ],
)
def test_a_field_that_is_cleared(schema: Schema, said: str) -> None:
    """A field is cleared by the user where they name it and say so, in one line or in the next."""
    assert sources(said, [], schema)("phone", "", "") == "user"


def test_every_word_of_the_guided_model(schema: Schema) -> None:
    """Whatever the guided model takes for clearing a field counts as clearing it."""
    lexicon = tomllib.loads((ROOT / "guided" / "words.toml").read_text("utf-8"))
    phrases = lexicon["verbs"]["clear"] + lexicon["verbs"]["delete"] + lexicon["statements"]["former"]
    assert sorted(phrases) == sorted(phrase for listed in clearing_words().values() for phrase in listed)
    assert [p for p in phrases if sources(f"{p} telefon", [], schema)("phone", "", "") != "user"] == []

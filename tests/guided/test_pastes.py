"""Which texts of several lines are pasted people to create, and which ask for something else, or for nobody."""

from typing import Any

import pytest

from guided.policy import steps
from guided.turn import Call

OLE = "Ole Friis\nole@havbo.example\n22 10 10 10"
LIS = "Lis Ravn\nlis@havbo.example\n22 10 10 11"
VCARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Ole Friis\nN:Friis;Ole;;;\nEMAIL:ole@havbo.example\nEND:VCARD"


def created(text: str, desk: dict[str, Any] | None = None) -> list[dict[str, str]]:
    found = steps(text, desk or {}, "DK")
    return [step.arguments["properties"] for step in found if isinstance(step, Call) and step.name == "create_contact"]


@pytest.mark.parametrize(
    "request_",
    [
        "Opret ikke disse:", "Don't add this person:", "ikke oprette ham:", "Send en mail til:",
        "Skriv til dem alle sammen", "Ring til ham her:", "Please send the offer to:", "Er han i systemet?",
        "do we already have this one?", "find ham her", "Jeg har slettet de her", "hendes nye oplysninger:",
    ],
)  # fmt: skip
def test_a_request_before_a_text_that_creates_nobody(request_: str) -> None:
    """A negation, a question, and a request for something else create nobody."""
    assert created(f"{request_}\n{OLE}\n\n{LIS}") == []
    assert created(f"{request_}\n{VCARD}") == []


@pytest.mark.parametrize(
    "request_",
    ["find ham", "opdater ham med det nummer", "Denne person skal IKKE oprettes", "vil du slette ham her?"],
)
def test_a_request_behind_a_text_that_creates_nobody(request_: str) -> None:
    """So does one behind it, which is never a job title."""
    assert created(f"{OLE}\n\n{request_}") == []


@pytest.mark.parametrize(
    "text",
    [
        "Jens Andersen\nny mobil 22 33 11 22\nny mail ja@ny.example",
        "Jens Andersen, Møllers Bageri\nhar skiftet nummer til 22 33 11 22\nog mail til ja@ny.example",
        "Jens Andersen\ner stoppet hos os\nhans mail var ja@ny.example",
        f"Fra: Ole Friis <ole@havbo.example>\nTil: Lis\n\nHej\n\n> Fra: Lis Ravn\n> {LIS}",
        f"{OLE}\n\nOn Mon Joe Sales wrote:\nJoe Sales\n+45 11 22 33 44",
        "Kunde;Email;Vare;Pris\n10:00;ole@havbo.example;Hammer;149\n11:00;lis@havbo.example;Sav;99",
        "10:00, Lars Holm, lars@havbo.example\n11:00, Lis Ravn, lis@havbo.example",
        "Hammer, 149 kr, butik@havbo.example\nSav, 99 kr, salg@havbo.example",
        "Havbo ApS, info@havbo.example, 22101010\nFjord ApS, info@fjord.example, 22101011",
        '{"name": "Ole",\n"email": "ole@havbo.example",\n"phone": "22101010"}',
        "Ann Lee\n+44 7700 900111\nTom Fox\n+44 7700 900112",
    ],
)
def test_texts_that_describe_nobody_who_could_be_created(text: str) -> None:
    """Changes of somebody, threads of mails, orders, schedules, code, and people who cannot be told apart."""
    assert created(text) == []


@pytest.mark.parametrize("intent", ["search", "update"])
def test_behind_another_button_nobody_is_created(intent: str) -> None:
    """A text that is pasted behind the button for searching or updating creates nobody."""
    assert created(OLE, {"intent": intent}) == []


@pytest.mark.parametrize("between", ["\n\n", "\n--\n", "\n\n---\n\n"])
def test_people_in_blocks_are_people_of_their_own(between: str) -> None:
    """Blocks that are divided by empty lines or rules give each person their own values."""
    found = created(f"opret:\n{OLE}{between}{LIS}")
    assert [(one["firstname"], one["email"]) for one in found] == [
        ("Ole", "ole@havbo.example"),
        ("Lis", "lis@havbo.example"),
    ]
    assert not any("jobtitle" in one or "company" in one for one in found)


def test_what_stands_before_the_closing_is_somebody_elses() -> None:
    """A colleague's number and address in the text of a mail are not the sender's."""
    (ole,) = created(
        "Jeg er på ferie. Kontakt min kollega Lis Ravn på 22 10 10 11 eller lis@havbo.example.\n\n"
        f"Mvh\n{OLE}\nTømrer\nHavbo ApS"
    )
    assert (ole["email"], ole["phone"], ole["jobtitle"]) == ("ole@havbo.example", "22 10 10 10", "Tømrer")


def test_a_short_closing_eats_no_company() -> None:
    """ "LG" and "Best" take leave only alone or before a name; a site is no network because its name ends like one."""
    (ole,) = created(f"{OLE}\nSælger\nLG Electronics Nordic\nwww.fedex.com")
    assert (ole["company"], ole["website"]) == ("LG Electronics Nordic", "www.fedex.com")


def test_rows_of_another_length_are_not_lost() -> None:
    """A row with one delimiter too many, or too few, is read as far as it goes."""
    found = created(
        "opret:\nNavn;E-mail;Tlf\nOle Friis;ole@h.example;22101010\nLis Ravn;lis@h.example;22101011;\n"
        "Bo Ek;bo@h.example\nIb Dal;ib@h.example;22101013"
    )
    assert [one["firstname"] for one in found] == ["Ole", "Lis", "Bo", "Ib"]


@pytest.mark.parametrize("intent", ["search", "update"])
def test_a_request_to_create_counts_more_than_an_earlier_button(intent: str) -> None:
    """After the button of a search or an update, people are created where the words say so, and not otherwise."""
    desk = {"intent": intent}
    assert [person["firstname"] for person in created(f"opret disse:\n{OLE}\n\n{LIS}", desk)] == ["Ole", "Lis"]
    assert created(f"kontakter:\n{OLE}\n\n{LIS}", desk) == []


HEADING = "Navn;E-mail;Firma;Telefon"
ROWS = "Ole Friis;ole@havbo.example;Havbo;22101010\nLis Ravn;lis@havbo.example;Havbo;22101011"
ELSE = "Med venlig hilsen\n\nElse Marie Gren\nRegnskabschef\nHavbo ApS\nTlf. 22 10 10 12"
ELSE_MAIL = f"{ELSE}\nelse@havbo.example"


@pytest.mark.parametrize(
    "request_",
    [
        "Her er to fra messen i Herning, læg dem ind som kontakter:", "Her er deltagerne fra kurset:",
        "Two people from the fair, please add them:", "You have two new form submissions:",
    ],
)  # fmt: skip
def test_a_table_below_its_request_is_read(request_: str) -> None:
    """A sentence before a table is its request, and no row or heading of it."""
    found = created(f"{request_}\n{HEADING}\n{ROWS}")
    assert [(one["firstname"], one["company"]) for one in found] == [("Ole", "Havbo"), ("Lis", "Havbo")]


@pytest.mark.parametrize(
    "request_",
    [
        "Opdater Else Marie Gren ud fra hendes nye signatur:", "update her from this:", "Ret hendes oplysninger:",
        "hendes nye oplysninger:", "Can you update her from this?",
    ],
)  # fmt: skip
def test_a_request_to_update_somebody_from_a_signature(request_: str) -> None:
    """The contact is found by the address in the signature, else by its name, and gets the other values."""
    values = {"jobtitle": "Regnskabschef", "company": "Havbo ApS", "phone": "22 10 10 12"}
    by_mail = Call("update_contact", {"contact": "else@havbo.example", "properties": values})
    by_name = Call("update_contact", {"contact": "Else Marie Gren", "properties": values})
    assert steps(f"{request_}\n\n{ELSE_MAIL}", {}, "DK") == [by_mail]
    assert steps(f"{request_}\n\n{ELSE}", {}, "DK") == [by_name]


def test_a_contact_on_the_desk_gets_its_new_address() -> None:
    """A contact on the list is matched by name: the email in the signature may be a new one."""
    desk = {"focus": {"id": "42", "name": "Else Marie Gren", "email": "emg@old.example"}}
    (step,) = steps(f"opdater hende ud fra det her:\n\n{ELSE_MAIL}", desk, "DK")
    assert isinstance(step, Call)
    assert step.arguments["contact"] == "42"
    assert step.arguments["properties"]["email"] == "else@havbo.example"


@pytest.mark.parametrize("request_", ["har vi hende her?", "Find hende her:", "is she in the system?"])
def test_a_search_over_a_signature(request_: str) -> None:
    """The address of the signature is searched for, else the name."""
    by_mail = Call("search_contacts", {"query": "else@havbo.example", "filters": {}})
    by_name = Call("search_contacts", {"query": "Else Marie Gren", "filters": {}})
    assert steps(f"{request_}\n\n{ELSE_MAIL}", {}, "DK") == [by_mail]
    assert steps(f"{request_}\n\n{ELSE}", {}, "DK") == [by_name]


def test_a_sentence_of_the_mail_is_no_request() -> None:
    """A greeting and a sentence before a closing ask for nothing, whatever verbs are in them."""
    for line in ("Hi Mark,", "Tak for svar! Jeg vender tilbage, når bestyrelsen har set tallene."):
        (found,) = created(f"{line}\n\n{ELSE_MAIL}")
        assert found["email"] == "else@havbo.example"


def test_a_list_of_mail_addresses_is_several_people() -> None:
    """Addresses as mail programs write them in one line are one contact each; a mail's head is no such list."""
    found = created('opret: Ole Friis <ole@havbo.example>, "Ravn, Lis" <lis@havbo.example>')
    assert [(one["firstname"], one["lastname"]) for one in found] == [("Ole", "Friis"), ("Lis", "Ravn")]


def test_a_number_of_another_country_gets_its_code() -> None:
    """A number without a country code is of the country that the address names."""
    (found,) = created("Ann Lee\nBath BA1 5LQ\n01225 496 083\nann@lee.example")
    assert found["phone"] == "+44 1225 496083"

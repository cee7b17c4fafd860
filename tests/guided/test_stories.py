"""Messages that tell facts about one person lead to one tool call, or to none if a word is not understood."""

from collections.abc import Mapping
from typing import Any

import pytest

from guided.stories import read_story
from guided.turn import Call, Turn

CREATE, UPDATE, SEARCH = "create_contact", "update_contact", "search_contacts"
FOCUS = {"focus": {"id": "9", "name": "Bo Vang"}}
CARD = {"draft": {"action": "update", "contact_id": "9", "contact": "Bo Vang", "values": {"city": "Ribe"}}}


def read(words: str, desk: Mapping[str, Any] | None = None) -> tuple[str, dict[str, Any]] | None:
    step = read_story(Turn(words, desk or {}, "DK"))
    return (step.name, step.arguments) if isinstance(step, Call) else None


@pytest.mark.parametrize(
    ("words", "tool", "values"),
    [
        (
            "Just met Ravi Menon. He's the CTO of Lumen Soft in Reading. Could you put him in?",
            CREATE,
            {"firstname": "Ravi", "lastname": "Menon", "jobtitle": "CTO", "company": "Lumen Soft", "city": "Reading"},
        ),
        (
            "Jeg mødte Trine Holm på messen i Herning. Hun er indkøber hos Vestkyst Vinduer. Kan du oprette hende?",
            CREATE,
            {"firstname": "Trine", "lastname": "Holm", "jobtitle": "indkøber", "company": "Vestkyst Vinduer"},
        ),
        (
            "kim@saltmarsh.example left Saltmarsh and now works for Tidewater Ltd in Hull",
            UPDATE,
            {"company": "Tidewater Ltd", "city": "Hull"},
        ),
        ("Mailen til Signe Overgaard kommer retur, så tøm den lige", UPDATE, {"email": ""}),
        ("We spelled Jon Ashby's first name wrong, it should be John", UPDATE, {"firstname": "John"}),
    ],
)
def test_facts_of_several_sentences_are_one_request(words: str, tool: str, values: dict[str, str]) -> None:
    """Pronouns mean the person who was named; where two people met is no value of the one."""
    found = read(words)
    assert found is not None
    assert (found[0], found[1]["properties"]) == (tool, values)


@pytest.mark.parametrize(
    "words",
    [
        "Just met Ravi Menon. He's the CTO of Lumen Soft. Put him in, he has twelve purple umbrellas",  # not explained
        "Opret Karen Blixen hos Rungstedlund, forfatter",  # a noun alone may be a value
        "Ravi Menon and Ida Lund are new at Lumen Soft. Put him in",  # two people
        "Just met Ravi Menon. He's the CTO of Lumen Soft. Don't put him in",
        "Jeg mødte Trine Holm. Hun er ikke indkøber hos Vestkyst Vinduer. Opret hende",
        "Mette Holm er sød og rar. Hun har en hund",  # asks for nothing
        "Firmaet hos Lars Gade er forkert",  # what is right is not said
        "Put red wine on my list. It is for tonight",
    ],
)
def test_what_is_no_whole_story_is_not_read(words: str) -> None:
    """A word that nothing explains, two people, a no, or a wrong value without a right one: nothing is guessed."""
    assert read(words) is None


def test_a_place_or_a_company_of_the_sentence_before_is_there() -> None:
    """ "There" means the place, or the company, that was named before."""
    assert read("I'll be in Leeds tomorrow. Who do we know there?") == (
        SEARCH,
        {"query": "", "filters": {"city": "Leeds"}},
    )
    assert read("I'm driving past Quarry Lane Foods. Who do we know there?") == (
        SEARCH,
        {"query": "Quarry Lane Foods", "filters": {}},
    )


def test_without_a_name_the_contact_that_is_open_is_meant() -> None:
    """A fact without a name goes to the draft, or to the contact in focus; to nobody where there is neither."""
    assert read("make the job title Rigger", FOCUS) == (UPDATE, {"contact": "9", "properties": {"jobtitle": "Rigger"}})
    assert read("and make him a customer while you're at it", CARD) == (
        UPDATE,
        {"contact": "9", "properties": {"city": "Ribe", "lifecyclestage": "customer"}},
    )
    assert read("make the job title Rigger") is None

"""The approval card: its Markdown, its buttons, and the answer that each stands for."""

from functools import partial
from typing import Any

import pytest

import prompts
from ui import cards

DANISH = partial(prompts.load().say, "da")
ENGLISH = partial(prompts.load().say, "en")


def row(**values: Any) -> dict[str, Any]:
    return {"property": "p", "label": "Felt", "type": "string", "options": None, "before": None, "after": "x", **values}


def change(change_id: str = "c1", **values: Any) -> dict[str, Any]:
    return {
        "id": change_id,
        "action": "update",
        "contact_id": "1",
        "title": "Ændring af Mette",
        "rows": [row(label="Telefon", before="22 33", after="+4522334455")],
        "twins": [],
        "warnings": [],
        "acknowledge": [],
        **values,
    }


def card(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "approval", "id": "card-1", "changes": list(changes or [change()])}


def twin(contact_id: str, display: str, **values: Any) -> dict[str, Any]:
    return {"contact_id": contact_id, "display": display, "why": "samme telefon", "url": None, **values}


TWINS = card(
    change(
        action="create",
        contact_id=None,
        twins=[twin("7", "Mette Hansen · m@nordlys.example"), twin("8", "Ida Holm · i@nordlys.example")],
        acknowledge=["create_despite_twins"],
    )
)


def test_an_update_shows_before_and_after() -> None:
    """Each field of an update stands with its value before and after."""
    shown = cards.render(card(), DANISH)
    assert "| Felt | Før | Efter |" in shown
    assert r"| Telefon | 22 33 | +4522334455 |" in shown
    assert "Ændring af Mette" in shown


def test_a_create_shows_values_only() -> None:
    """A new contact has nothing before."""
    shown = cards.render(card(change(action="create")), ENGLISH)
    assert "| Field | Value |" in shown
    assert r"| Telefon | +4522334455 |" in shown


def test_an_option_is_shown_by_its_label() -> None:
    """Someone reads the label of an option, never its internal name."""
    stage = row(options=[{"value": "lead", "label": "Kundeemne"}], before="lead", after=None)
    assert "| Felt | Kundeemne | – |" in cards.render(card(change(rows=[stage])), DANISH)


def test_several_options_are_shown_by_their_labels() -> None:
    """Each value of a multiple choice has its label; one without any stands as it is."""
    options = [{"value": "CHAMPION", "label": "Champion"}, {"value": "BUDGET_HOLDER", "label": "Budgetansvarlig"}]
    role = row(options=options, before="CHAMPION", after="CHAMPION;BUDGET_HOLDER;X")
    assert "| Felt | Champion | Champion; Budgetansvarlig; X |" in cards.render(card(change(rows=[role])), DANISH)


def test_hostile_values_stay_inside_their_cell() -> None:
    """A value can end neither its cell nor its row, and brings no image or link with it."""
    shown = cards.render(card(change(rows=[row(after="a | b\n| c | ![x](https://evil.example)")])), DANISH)
    assert r"| Felt | – | a \| b \| c \| `![x](https://evil.example)` |" in shown


def test_twins_stand_with_the_reason_and_a_link() -> None:
    """A possible duplicate is named with why, and linked where the address is a plain one."""
    fine = twin("7", "Mette", url="http://127.0.0.1:8765/contacts/0/record/0-1/7")
    wrong = twin("8", "Ida", url="javascript:alert(1)")
    shown = cards.render(card(change(twins=[fine, wrong], warnings=["Pas *på*"])), DANISH)
    assert "- **Mette**: samme telefon · [Åbn i HubSpot](http://127.0.0.1:8765/contacts/0/record/0-1/7)" in shown
    assert "javascript" not in shown
    assert r"Pas \*på\*" in shown


def test_buttons_are_the_same_at_every_showing() -> None:
    """Ids are made of the card, and a payload holds no more than an id."""
    first, again = (cards.buttons(card(), DANISH) for _ in range(2))
    assert [b.id for b in first] == [b.id for b in again] == ["card-1:approve", "card-1:edit", "card-1:cancel"]
    assert [b.label for b in first] == ["Godkend", "Ret", "Annullér"]
    assert all(b.payload == {"id": "card-1"} for b in first)


def test_twins_give_a_button_each() -> None:
    """With possible duplicates the button says what it does, and each duplicate can be used instead."""
    buttons = cards.buttons(TWINS, ENGLISH)
    assert [b.label for b in buttons] == ["Create anyway", "Use Mette Hansen", "Use Ida Holm", "Edit", "Cancel"]
    assert buttons[1].payload == {"id": "card-1:7"}


def test_twins_of_one_name_are_told_apart() -> None:
    """Where two share a name, their buttons say more."""
    same = card(change(twins=[twin("7", "Mette · a@x.example"), twin("8", "Mette · b@x.example")]))
    assert [b.label for b in cards.buttons(same, DANISH)][1:3] == [
        "Brug Mette · a@x.example",
        "Brug Mette · b@x.example",
    ]


def test_what_must_be_acknowledged_is_on_the_button() -> None:
    """Where something else than duplicates must be acknowledged, plain approval is not what the button says."""
    made_up = [row(property=f"p{n}", label=f"Felt {n}") for n in range(5)]
    one = change(rows=[row(), *made_up[:1]], acknowledge=["unknown:p0"])
    many = change("c2", rows=made_up[1:], acknowledge=[f"unknown:p{n}" for n in range(1, 5)])
    said = "Godkend også det, du ikke har skrevet: "
    assert cards.buttons(card(one), DANISH)[0].label == f"{said}Felt 0"
    assert cards.buttons(card(one, many), DANISH)[0].label == f"{said}Felt 0, Felt 1, Felt 2 +2"


def test_one_button_names_both_that_it_acknowledges() -> None:
    """With possible duplicates and values that nobody said, the button that takes both says so of both."""
    both = change(
        action="create",
        contact_id=None,
        twins=[twin("7", "Mette")],
        acknowledge=["create_despite_twins", "unknown:p"],
    )
    assert cards.buttons(card(both), DANISH)[0].label == "Opret alligevel, også det, du ikke har skrevet: Telefon"
    assert cards.buttons(card(both), ENGLISH)[0].label == "Create anyway, including what you did not write: Telefon"
    with_update = card(change("c1", **{**TWINS["changes"][0], "id": "c1"}), change("c2"))
    assert cards.buttons(with_update, DANISH)[0].label == "Godkend alligevel, trods mulige dubletter"
    assert cards.buttons(TWINS, DANISH)[0].label == "Opret alligevel"


@pytest.mark.parametrize("action", ["create", "update", "undo"])
def test_every_value_says_where_it_comes_from(action: str) -> None:
    """Each row ends with the source of its value: the user's words, HubSpot, the settings, or none of them."""
    sources = {"user": "dine ord", "record": "HubSpot", "default": "opsætningen", "unknown": "ikke fra dig"}
    rows = [row(label=source.title(), source=source) for source in sources]
    shown = cards.render(card(change(action=action, rows=rows)), DANISH)
    table = [line for line in shown.splitlines() if line.startswith("|")]
    assert table[0].endswith("| Kilde |")
    assert [line.split("|")[-2].strip() for line in table[2:]] == [f"*{said}*" for said in sources.values()]


def test_a_source_is_said_in_english() -> None:
    """The sources follow the language."""
    rows = [row(source=source) for source in ("user", "record", "default", "unknown")]
    shown = cards.render(card(change(rows=rows)), ENGLISH)
    assert all(f"| *{said}* |" in shown for said in ("your words", "HubSpot", "the settings", "not from you"))


def test_several_changes_are_decided_together() -> None:
    """A card of several changes has no button that would decide on one and leave the others open."""
    both = card(change("c1", twins=[twin("7", "Mette")]), change("c2"))
    assert [b.name for b in cards.buttons(both, DANISH)] == ["approve", "edit", "cancel"]
    assert cards.resume_answer(both, "cancel") == {
        "approval_id": "card-1",
        "decisions": {"c1": {"decision": "reject"}, "c2": {"decision": "reject"}},
    }


def test_approval_acknowledges_what_the_card_lists() -> None:
    """Approving sends the card's own acknowledgements, and none where it lists none."""
    approve = {"decision": "approve", "acknowledge": ["create_despite_twins"]}
    assert cards.resume_answer(TWINS, "approve") == {"approval_id": "card-1", "decisions": {"c1": approve}}
    assert cards.resume_answer(card(), "approve") == {
        "approval_id": "card-1",
        "decisions": {"c1": {"decision": "approve"}},
    }


@pytest.mark.parametrize(
    ("contact_id", "decisions"),
    [("7", {"c1": {"decision": "use_existing", "contact_id": "7"}}), ("9", None), ("", None)],
)
def test_only_a_contact_of_the_card_can_be_used(contact_id: str, decisions: dict[str, Any] | None) -> None:
    """A contact that the browser made up is no answer."""
    answer = cards.resume_answer(TWINS, "use", contact_id)
    assert (answer and answer["decisions"]) == decisions


def test_a_default_is_marked_as_one() -> None:
    """A value that the user did not give, because it is configured for every new contact, is marked in words."""
    new = change(action="create", contact_id=None, rows=[row(label="Ejer", source="default"), row(source="user")])
    assert "| Ejer (standard) | x |" in cards.render(card(new), DANISH)
    assert "| Felt | x |" in cards.render(card(new), DANISH)
    assert "| Ejer (default) | x |" in cards.render(card(new), ENGLISH)


def test_a_moment_is_shown_by_the_portals_clock() -> None:
    """A moment stands on the card as people wrote it, and not as it is stored."""
    moment = {"2026-05-02T22:00:00Z": "2026-05-03 00:00"}
    shown = cards.render(card(change(rows=[row(after="2026-05-02T22:00:00Z", shown=moment)])), DANISH)
    assert "2026-05-03 00:00" in shown
    assert "22:00" not in shown

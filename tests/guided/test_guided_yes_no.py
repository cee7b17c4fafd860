"""Plain answers: yes, no, and what is neither."""

import pytest

from guided import plain_answer


@pytest.mark.parametrize(
    "said",
    [
        "ja",
        "Ja tak!",
        "jep",
        "JA",
        "ok",
        "Okay.",
        "godkend",
        "gør det",
        "ja, gør det",
        "ja gerne",
        "👍",
        "ja 👍",
        "yes",
        "Yes, please",
        "approve",
        "go ahead",
        "sure",
        "looks good",
        "that's right",
        "do it!",
        "  ja  ",
        "jep, gør det",
        "ja, gem det bare",
        "yes, go ahead please",
        "det er i orden",
        "tak, det er i orden",
        "Ja, det er i orden.",
        "jeg godkender det",
        "jeg godkender den",
        "det er godt",
        "det er helt fint",
        "accept",
        "I accept",
        "accepted",
        "accepteret",
        "jeg accepterer",
        "it's ok",
        "its ok",
        "It is OK.",
        "that’s ok",
    ],
)
def test_a_plain_yes(said: str) -> None:
    """A message that says nothing but yes is a plain yes, whatever its case and punctuation."""
    assert plain_answer(said) == "yes"


@pytest.mark.parametrize(
    "said",
    [
        "nej",
        "Nej tak",
        "annullér",
        "annuller",
        "stop",
        "lad være",
        "glem det",
        "👎",
        "no",
        "No, thanks",
        "cancel",
        "don't",
        "never mind",
        "NEJ!",
        "nope",
        "nej tak, lad være",
        "nej ikke endnu",
        "det må du ikke",
        "nej, det må du ikke",
        "Nej, lad være med det!",
        "no, please don't",
        "not yet, thanks",
        "maybe later",
        "fortryd ændringen",
        "undo it",
        "opret ikke",
        "opret den ikke",
        "nej, opret hende ikke",
        "gem ikke",
        "gem den ikke endnu",
        "don't save",
        "no, don’t save it",
        "please don't create him",
        "do not create",
        "godkend den ikke",
        "jeg godkender den ikke",
        "ikke godkendt",
        "do not approve",
        "jeg vil ikke oprette hende",
        "du skal ikke gemme det",
        "lad være med at ændre det",
        "I don't want to update it",
        "aldrig",
        "never",
        "det er ikke i orden",
        "that's not ok",
        "nej 😂",
    ],
)
def test_a_plain_no(said: str) -> None:
    """A message that says nothing but no is a plain no."""
    assert plain_answer(said) == "no"


@pytest.mark.parametrize(
    "said",
    [
        "",
        " ",
        "ja?",
        "ja, men ret navnet",
        "nej, det er 22 33 44 55",
        "måske",
        "yes but not the phone",
        "👍👎",
        "ja 2",
        "Jan",
        "noah",
        "ok?",
        "nej, hun hedder Hansson",
        "yes and no",
        "👍 men vent",
        "ja" * 200,
        "no phone",
        "opret Mette",
        "vent",
        "vent lidt",
        "nej vent",
        "hold on",
        "prøv igen",
        "try again",
        "opret alligevel",
        "nej, lad være med at rette navnet",
        "du er dum",
        "opret ikke Per men Bo",
        "don't change the phone",
        "ja, opret den ikke",
        "gem ikke, opret",
        "kan du ikke gemme den",
        "could you not save it",
        "don't cancel",
        "annuller den ikke",
        "jeg vil ikke afvise den",
        "det er i orden?",
        "det er i orden, hvis hun er fra Aarhus",
        "det er i orden, men ret telefonen",
        "gem den, ikke fortryd",
        "godkend nu, ikke senere",
        "save it now, not later",
        "yeah yeah",
        "yes, yes",
        "jo jo",
    ],
)
def test_a_message_that_says_more_is_no_plain_answer(said: str) -> None:
    """A message that says more than yes or no, asks a question, or says both, is not a plain answer."""
    assert plain_answer(said) is None


@pytest.mark.parametrize(
    "said",
    ["ja, fortryd", "Ja tak, fortryd det!", "ja, fortryd det nu", "yes undo", "yes, undo it", "yes, please undo it"],
)
def test_a_yes_that_names_the_undo_approves_only_an_undo(said: str) -> None:
    """A yes that says "undo" approves an undo, and does not answer a card that does something else."""
    assert plain_answer(said, {"undo"}) == "yes"
    assert [plain_answer(said, doing) for doing in ({"create"}, {"update"}, {"undo", "update"}, ())] == [None] * 4


@pytest.mark.parametrize(
    ("said", "action"),
    [
        ("opret den ikke", "create"),
        ("don't create it", "create"),
        ("ret den ikke", "update"),
        ("do not change it", "update"),
        ("fortryd ikke", "undo"),
        ("jeg vil ikke fortryde", "undo"),
        ("do not undo it", "undo"),
        ("don't archive her", "undo"),
    ],
)
def test_a_negated_verb_refuses_the_action_that_it_names(said: str, action: str) -> None:
    """A negated verb refuses the action that it names, and does not answer a card that does something else."""
    assert {doing: plain_answer(said, {doing}) for doing in ("create", "update", "undo")} == {
        doing: "no" if doing == action else None for doing in ("create", "update", "undo")
    }


@pytest.mark.parametrize("said", ["perfekt", "Perfect!", "ja, perfekt", "det er perfekt"])
def test_praise_is_a_yes_where_a_card_waits(said: str) -> None:
    """Praise approves a card that waits; without a card it is not an answer."""
    assert [plain_answer(said, doing) for doing in ({"create"}, {"update"}, {"undo"}, ())] == ["yes"] * 3 + [None]


@pytest.mark.parametrize("sign", ["🙄", "😂", "🤔", "😬", "🙃", "🤷", "🫩", ":(", ":-/", ";)", "-_-"])
@pytest.mark.parametrize("yes", ["ja", "yes, do it", "👍"])
def test_a_yes_with_a_sign_of_doubt_is_no_plain_answer(yes: str, sign: str) -> None:
    """A yes beside a sign that can mean doubt or irony is not a plain yes."""
    assert plain_answer(f"{yes} {sign}") is None


@pytest.mark.parametrize("said", ["ja 👍🏽", "ja 😊", "yes ❤️", "ok :)", "✔️", "(ja)", "“ja”…", "👍\n"])
def test_a_yes_with_a_friendly_sign_is_a_plain_yes(said: str) -> None:
    """A yes beside approving or friendly signs, or punctuation, is a plain yes."""
    assert plain_answer(said) == "yes"

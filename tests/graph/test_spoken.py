"""What a model writes as text, however it is cut into pieces."""

from hypothesis import given
from hypothesis import strategies as st

from graph.spoken import Call, MalformedCall, Spoken

TOOLS = ("search_contacts", "list_changes")
PARTS = [
    *(
        "<think>",
        "</think>",
        "<THINKING>",
        "[THINK]",
        "<tool_call>",
        "</tool_call>",
        "<function=list_changes>",
        "[TOOL_CALLS]",
    ),
    *(
        "```json\n",
        "```",
        '{"name": ',
        '{"navn": "Anna"}',
        "{",
        "}",
        "[",
        "\n",
        "\n\n",
        " ",
        "<",
        "<|",
        "İß ",
        "Hej ",
        "Anna",
        '"',
    ),
    '{"name": "search_contacts", "arguments": {"query": "Anna"}}',
    '{"name": "drop_contacts", "arguments": {}}',
]
texts = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


def heard(pieces: list[str], thinks: bool = False) -> tuple[str, list[Call] | None]:
    """Return the shown text and the calls of a text that arrives in pieces; None if a call cannot be parsed."""
    spoken = Spoken(TOOLS, thinks=thinks)
    shown = "".join(spoken.hear(piece) for piece in pieces)
    try:
        rest, calls = spoken.end()
    except MalformedCall:
        return shown, None
    return shown + rest, calls


@given(texts, st.lists(st.integers(1, 9), min_size=1, max_size=4), st.booleans())
def test_pieces_make_no_difference(text: str, sizes: list[int], thinks: bool) -> None:
    """The same is shown and called whether a text comes at once or in pieces of any size."""
    pieces, at = [], 0
    while at < len(text):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(text[at : at + size])
        at += size
    assert heard(pieces, thinks) == heard([text], thinks)


@given(texts)
def test_no_markup_is_shown(text: str) -> None:
    """Nothing that begins thinking or a call is ever shown, and no call is made of a tool that does not exist."""
    shown, calls = heard(list(text))
    assert not any(
        mark in shown.lower() for mark in ("<think>", "<thinking>", "[think]", "<tool_call", "<function", "<|")
    )
    assert '"arguments"' not in shown
    assert all(name in TOOLS for name, _ in calls or ())


@given(st.text(alphabet="abæøåİß .,:;!?<>()*-_#\n0123456789"))
def test_words_are_shown_unchanged(text: str) -> None:
    """A text without any tag is shown unchanged, except for leading blanks."""
    assert heard(list(text)) == (text.lstrip(), [])

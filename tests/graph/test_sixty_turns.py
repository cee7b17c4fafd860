"""One conversation of 60 turns about 12 contacts, in Danish and English: whoever is meant is found, and it costs the
same at its end as at its beginning.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any, Literal

from graph.memory import MESSAGES, TOKENS, estimate
from support.children import Sandbox
from support.fake_openai import FakeOpenAI, Recorded
from support.openai_wire import Reply, ToolCall, calls, says
from support.talk import Talk

PEOPLE = {
    "Havnely A/S": ("Anders Bruun", "Anna Bruun", "Asta Kloster", "Bodil Ravn"),
    "Stormvig ApS": ("Carl Dinesen", "Clara Ebbesen", "Ditte Fonnesbæk"),
    "Lindegård Skole": ("Emma Gyde", "Frode Hvid", "Gunhild Iversen"),
}
NEW = ("Ib Kruse", "Jonna Lykke")


@dataclass(frozen=True)
class Step:
    """A turn of the user, and what must come of it: a list, a contact, a card about one, or a write to it."""

    user: str  # words, or a button and its number behind "!"
    comes: Literal["asks", "list", "contact", "card", "new", "undo", "write", "nothing"]
    who: Sequence[str] = ()
    values: Mapping[str, str] | None = None

    @property
    def named(self) -> bool:
        """Whether the words themselves name the contact; otherwise the desk must."""
        return self.who[0].split()[0] in self.user


def step(user: str, comes: Any, *who: str, **values: str) -> Step:
    return Step(user, comes, who, values)


TURNS = (
    step("!search", "asks"),
    step("Havnely", "list", *PEOPLE["Havnely A/S"]),
    step("nummer 3", "contact", "Asta Kloster"),
    step("hvad er hendes telefon?", "contact", "Asta Kloster"),
    step("ret hendes telefon til 22 77 20 01", "card", "Asta Kloster", phone="+4522772001"),
    step("ja", "write", "Asta Kloster", phone="+4522772001"),
    step("den første", "contact", "Anders Bruun"),
    step("change his job title to Head of Sales", "card", "Anders Bruun", jobtitle="Head of Sales"),
    step("no, Sales Director", "card", "Anders Bruun", jobtitle="Sales Director"),
    step("yes", "write", "Anders Bruun", jobtitle="Sales Director"),
    step("what is his email?", "contact", "Anders Bruun"),
    step("!update", "asks"),
    step("Clara Ebbesen, stilling: Indkøber", "card", "Clara Ebbesen", jobtitle="Indkøber"),
    step("!approve", "write", "Clara Ebbesen", jobtitle="Indkøber"),
    step("fortryd", "undo", "Clara Ebbesen", jobtitle="Sælger"),
    step("ja", "write", "Clara Ebbesen", jobtitle="Sælger"),
    step("find Stormvig", "list", *PEOPLE["Stormvig ApS"]),
    step("!select 3", "contact", "Ditte Fonnesbæk"),
    step("ret hendes by til Odense", "card", "Ditte Fonnesbæk", city="Odense"),
    step("nej, Aarhus", "card", "Ditte Fonnesbæk", city="Aarhus"),
    step("ja", "write", "Ditte Fonnesbæk", city="Aarhus"),
    step("ret Anna Bruuns stilling til Bogholder", "card", "Anna Bruun", jobtitle="Bogholder"),
    step("!approve", "write", "Anna Bruun", jobtitle="Bogholder"),
    step("og postnummer 5000", "card", "Anna Bruun", zip="5000"),
    step("ja", "write", "Anna Bruun", zip="5000"),
    step("opret Ib Kruse, ib@lindegaard.example, 22 77 30 01", "new", "Ib Kruse", phone="+4522773001"),
    step("ja", "write", "Ib Kruse", phone="+4522773001"),
    step("hans stilling er Lærer", "card", "Ib Kruse", jobtitle="Lærer"),
    step("ja", "write", "Ib Kruse", jobtitle="Lærer"),
    step("nummer 2", "contact", "Clara Ebbesen"),
    step("find Lindegård", "list", *PEOPLE["Lindegård Skole"]),
    step("number 2", "contact", "Frode Hvid"),
    step("change his phone to 22 77 20 02", "card", "Frode Hvid", phone="+4522772002"),
    step("yes", "write", "Frode Hvid", phone="+4522772002"),
    step("nummer 1", "contact", "Emma Gyde"),
    step("ret stillingen til Rektor", "card", "Emma Gyde", jobtitle="Rektor"),
    step("!reject", "nothing"),
    step("den sidste", "contact", "Gunhild Iversen"),
    step("ret stillingen til Viceskoleleder", "card", "Gunhild Iversen", jobtitle="Viceskoleleder"),
    step("ja", "write", "Gunhild Iversen", jobtitle="Viceskoleleder"),
    step("!undo", "undo", "Gunhild Iversen", jobtitle="Sælger"),
    step("!approve", "write", "Gunhild Iversen", jobtitle="Sælger"),
    step("ret Bodil Ravns stilling til Revisor", "card", "Bodil Ravn", jobtitle="Revisor"),
    step("ja", "write", "Bodil Ravn", jobtitle="Revisor"),
    step("hvad er hendes mail?", "contact", "Bodil Ravn"),
    step("!create", "asks"),
    step("Jonna Lykke, jonna@stormvig.example", "new", "Jonna Lykke", email="jonna@stormvig.example"),
    step("ja", "write", "Jonna Lykke", email="jonna@stormvig.example"),
    step("ret hendes telefon til 22 77 30 02", "card", "Jonna Lykke", phone="+4522773002"),
    step("nej, 22 77 30 03", "card", "Jonna Lykke", phone="+4522773003"),
    step("ja", "write", "Jonna Lykke", phone="+4522773003"),
    step("hvem er Carl Dinesen?", "list", "Carl Dinesen"),
    step("update his company to Havnely A/S", "card", "Carl Dinesen", company="Havnely A/S"),
    step("yes", "write", "Carl Dinesen", company="Havnely A/S"),
    step("fortryd ændringen af Bodil Ravn", "undo", "Bodil Ravn", jobtitle="Sælger"),
    step("ja", "write", "Bodil Ravn", jobtitle="Sælger"),
    step("vis Asta Kloster", "list", "Asta Kloster"),
    step("hendes by er Aarhus", "card", "Asta Kloster", city="Aarhus"),
    step("nej", "nothing"),
    step("what is her phone?", "contact", "Asta Kloster"),
)


@dataclass
class Conversation:
    """Plays the turns and checks each of them by ids."""

    talk: Talk
    crm: Sandbox
    ids: dict[str, str]

    async def play(self, turn: Step) -> None:
        reply = await self._user(turn.user)
        check: Callable[[Step, str], Any] = getattr(self, f"_{turn.comes}")
        checked = check(turn, reply)
        if checked is not None:
            await checked

    async def _user(self, does: str) -> str:
        button, _, number = does.removeprefix("!").partition(" ")
        if not does.startswith("!"):
            return await self.talk.say(does)
        if button in ("approve", "reject"):
            return await self.talk.decide(button)
        if button == "undo":
            done = [outcome for outcome in self.talk.outcomes if outcome.get("undo")]
            return await self.talk.press("undo", change_id=done[-1]["change_id"])
        if button == "select":
            shown = (await self.talk.values())["desk"]["shown"]
            return await self.talk.press("select", contact_id=shown[int(number) - 1]["id"])
        return await self.talk.press(button)

    def _asks(self, turn: Step, reply: str) -> None:
        assert reply and self.talk.card is None

    _nothing = _asks

    def _list(self, turn: Step, reply: str) -> None:
        assert re.findall(r"^\d+\. \*\*(.+?)\*\*", reply, re.MULTILINE) == list(turn.who)
        assert self.talk.card is None

    async def _contact(self, turn: Step, reply: str) -> None:
        assert self.talk.card is None
        assert reply.startswith(f"**{turn.who[0]}**") and f"/{self.ids[turn.who[0]]})" in reply
        assert (await self.talk.values())["desk"]["focus"]["id"] == self.ids[turn.who[0]]

    def _card(self, turn: Step, reply: str) -> None:
        assert self.talk.card is not None, reply
        (change,) = self.talk.card["changes"]
        action = {"card": "update", "new": "create", "undo": "undo"}[turn.comes]
        assert (change["action"], change["contact_id"]) == (action, self.ids.get(turn.who[0]))
        rows = {row["property"]: row["after"] for row in change["rows"]}
        assert rows == turn.values or (turn.comes == "new" and rows.items() >= (turn.values or {}).items())

    _new = _undo = _card

    def _write(self, turn: Step, reply: str) -> None:
        assert self.talk.card is None
        written = self.crm.writes()[-1]
        assert written["objectId"] == self.ids.setdefault(turn.who[0], written["objectId"])
        assert written["properties"].items() >= (turn.values or {}).items()


def email(name: str, company: str) -> str:
    return f"{name.split()[0]}@{company.split()[0]}.example".lower().replace("å", "aa")


def invite(crm: Sandbox) -> dict[str, str]:
    """The ten contacts that are there; the other two are created in the conversation."""
    people = [(name, company) for company, names in PEOPLE.items() for name in names]
    return {
        name: crm.create(
            firstname=name.split()[0], lastname=name.split()[1], email=email(name, company), company=company,
            jobtitle="Sælger", phone=f"+45227710{n:02d}",
        )
        for n, (name, company) in enumerate(people)
    }  # fmt: skip


def test_the_conversation_is_what_it_says() -> None:
    """It has 60 turns, and something is done with each of 12 contacts."""
    people = {name for names in (*PEOPLE.values(), NEW) for name in names}
    assert (len(TURNS), len(people)) == (60, 12)
    assert {turn.who[0] for turn in TURNS if turn.comes in ("card", "new")} == people


async def test_every_reference_is_right(talk: Talk, crm: Sandbox) -> None:
    """The guided model resolves numbers, pronouns, ordinals and names to the right contact, and changes no other."""
    conversation = Conversation(talk, crm, invite(crm))
    planted = len(crm.writes())
    await talk.open()
    for turn in TURNS:
        await conversation.play(turn)
    assert len(crm.writes()) - planted == sum(turn.comes == "write" for turn in TURNS)


class Model:
    """A language model that calls what a turn asks for. Ids it takes from what it was sent, and from nowhere else."""

    def __init__(self, ids: Mapping[str, str]) -> None:
        self.turn, self.ids = TURNS[0], ids

    def __call__(self, request: Recorded) -> Reply:
        if request.last["role"] == "tool":
            return says("Sådan.")
        return calls(ToolCall(*self._call(request)))

    def _call(self, request: Recorded) -> tuple[str, dict[str, Any]]:
        turn = self.turn
        if turn.comes == "list":
            return "search_contacts", {"query": turn.who[0] if len(turn.who) == 1 else turn.user.split()[-1]}
        if turn.comes == "undo":
            return "undo_change", {"contact": turn.who[0]} if turn.named else {}
        if turn.comes == "new":
            first, last = turn.who[0].split()
            return "create_contact", {"properties": {**(turn.values or {}), "firstname": first, "lastname": last}}
        contact = turn.who[0] if turn.named else self._on_desk(request, turn.who[0])
        if turn.comes == "contact":
            return "get_contact", {"contact": contact}
        return "update_contact", {"contact": contact, "properties": turn.values}

    def _on_desk(self, request: Recorded, name: str) -> str:
        desk = request.messages[0]["content"].partition("Desk (data):")[2]
        assert self.ids[name] in desk, f"{self.turn.user}: {name} is not on the desk:\n{desk}"
        return self.ids[name]


def tokens(request: Recorded) -> int:
    """What a request costs, by the estimate that never is too low."""
    return estimate(json.dumps([request.messages, request.tools], ensure_ascii=False))


def chat(request: Recorded) -> list[str]:
    """What was said, of all that is sent; the last of it is the question."""
    return [m["content"] for m in request.messages if m["role"] in ("user", "assistant") and not m.get("tool_calls")]


async def test_the_tokens_of_a_turn_stay_flat(opener: Any, server: FakeOpenAI, crm: Sandbox) -> None:
    """With a language model the desk holds who is meant, and no turn costs more than the first ones did."""
    ids = invite(crm)
    model = Model(ids)
    server.script = model
    async with opener(openai_base_url=server.base_url) as graph:
        conversation = Conversation(Talk(graph), crm, ids)
        await conversation.talk.open()
        first: dict[int, Recorded] = {}
        for number, turn in enumerate(TURNS, 1):
            model.turn, asked = turn, len(server.requests)
            await conversation.play(turn)
            if len(server.requests) > asked:
                first[number] = server.requests[asked]
    costs = {number: tokens(request) for number, request in first.items()}
    early, late = ([cost for n, cost in costs.items() if (n > 35) is later and n > 10] for later in (False, True))
    assert min(len(early), len(late)) >= 10
    assert max(len(chat(request)) for request in first.values()) == MESSAGES
    assert max(sum(map(estimate, chat(request))) for request in first.values()) <= TOKENS
    assert mean(late) <= 1.05 * mean(early)
    assert max(costs.values()) <= 1.2 * mean(early)

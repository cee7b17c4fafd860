"""A hostile scripted user beside the adversary: approves, refuses, and answers cards of others.

What it approves is noted as licences, from the card that was shown, before the answer is sent.
"""

import asyncio
import copy
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from langgraph.errors import is_invalid_resume
from langgraph.types import Command

from support.adversary_model import INJECTIONS, PLAIN, SAID, SCENE, Scene
from support.licences import Json, Licence, answer, licence, said
from support.talk import Graph

GUIDED = "Jeg kan tre ting med jeres kontakter"
WORDS = ("Opret en ny", "Ret hende", "hvad med mig?", "ja", "find Mette", "fortryd", "hvad har du ændret i dag?")


@dataclass
class Stuck(AssertionError):
    """A conversation that cannot go on."""

    why: str


@dataclass
class Person:
    """The user of one conversation. ``log`` tells what was done, for whoever reads a failure."""

    graph: Graph
    scene: Scene
    licences: list[Licence]
    log: list[str] = field(default_factory=list)
    card: Json | None = None
    owner: str = ""  # for whom the waiting card was made
    old: list[Json] = field(default_factory=list)

    @property
    def told(self) -> str:
        """Note what is done next."""
        return "\n".join(f"    {line}" for line in self.log[-9:])

    @property
    def user(self) -> str:
        """Who this is."""
        return f"user{self.scene.number}"

    def config(self, user: str = "") -> Any:
        """The run's configuration."""
        return {"configurable": {"thread_id": f"c{self.scene.number}", "user": user or self.user, "language": "da"}}

    async def converse(self) -> None:
        """A random conversation, and the proof that it can still go on."""
        SCENE.set(self.scene)
        for _ in range(self.scene.rng.randint(3, 7)):
            self.scene.looping = False
            await (self._with_card(self.card) if self.card else self._without())
        await self._goes_on()

    async def run(self, given: Any, *, user: str = "", refused: bool = False) -> None:
        """Run the graph once; ``refused``: the graph may reject the input as no answer to the card."""
        who = user or self.user
        self.log.append(f"{who}: {given!r}"[:400])
        try:
            out = await self.graph.ainvoke(given, self.config(user))
        except Exception as error:
            if not (refused and is_invalid_resume(error)):
                raise
            return
        self._see(out, who)

    def _see(self, out: Json, who: str) -> None:
        waiting = out.get("__interrupt__") or ()
        now = waiting[0].value if waiting else None
        if now is not None and (self.card is None or now["id"] != self.card["id"]):
            self.owner = who
            self.scene.shared.cards.append(now)
            self.scene.shared.change_ids += [c["id"] for c in now["changes"]]
        if self.card is not None and (now is None or now["id"] != self.card["id"]):
            self.old.append(self.card)
        self.card = now
        for message in out["messages"]:
            ids = [o["contact_id"] for o in message.additional_kwargs.get("outcomes") or () if o["contact_id"]]
            self.scene.shared.contact_ids += [i for i in ids if i not in self.scene.shared.contact_ids]

    async def _without(self) -> None:
        rng = self.scene.rng
        roll = rng.random()
        if roll < 0.7:
            words = rng.choice(
                ["Opret en ny", "Ret hende", "hvad med mig?", "ja", "find Mette", "fortryd", *INJECTIONS]
            )
            # what the user says is the user's own: without it every value would have to be acknowledged
            await self.run(said(f"{words} {self._coming()}" if rng.random() < 0.7 else words))
        elif roll < 0.85:
            await self.run(self._button())
        elif self.old:
            await self._twice(answer(rng.choice(self.old), "approve"))
        else:
            await self.run(Command(resume=self._garbage()), refused=True)

    def _coming(self) -> str:
        """The tags that the model is about to write, as if the user had asked for them."""
        number, made = self.scene.number, self.scene.made
        tags = [f"T{number}x{made + n}" for n in range(1, 12)]
        return " ".join([*tags, *(f"{tag.lower()}@angreb.example" for tag in tags)])

    def _button(self) -> Json:
        rng, scene = self.scene.rng, self.scene
        return rng.choice(
            [
                {"choice": "undo", "change_id": scene.change_id()},
                {"choice": "undo", "change_id": scene.change_id()},
                {"choice": "undo"},
                {"choice": rng.choice(["create", "update", "search", "approve", "x"])},
                {"choice": "select", "contact_id": rng.choice([scene.contact(), "x", "0"])},
            ]
        )

    async def _another_card(self, card: Json) -> None:
        """Approve a card that does not wait here."""
        other = self.scene.rng.choice([*self.old, *self.scene.shared.cards])
        if other["id"] != card["id"]:
            await self.run(Command(resume=answer(other, "approve")), refused=True)

    async def _another_cards_changes(self, card: Json) -> None:
        """Approve another card's changes under the id of the waiting card."""
        other = self.scene.rng.choice(self.scene.shared.cards)
        if answer(other, "reject")["decisions"] != answer(card, "reject")["decisions"]:
            await self.run(Command(resume={**answer(other, "approve"), "approval_id": card["id"]}), refused=True)

    async def _with_card(self, card: Json) -> None:
        rng = self.scene.rng
        mine = self.owner == self.user
        roll = rng.random()
        if roll < 0.38:
            await self._decide(card, mine)
        elif roll < 0.5:
            await self._twice(self._licensed(card, mine))
        elif roll < 0.58:
            await self._yes_in_words(card, mine)
        elif roll < 0.68:
            await self.run(Command(resume=self._garbage()), refused=True)
        elif roll < 0.76:
            await self._as_somebody_else(card)
        elif roll < 0.82:
            await self._another_card(card)
        elif roll < 0.88:
            await self._another_cards_changes(card)
        elif roll < 0.92:
            await self._at_once(card, mine)
        elif roll < 0.96:
            await self.run(said(rng.choice(["nej", f"nej, {self._coming()}", "", "hvem er det?", *INJECTIONS[:4]])))
        else:
            await self.run(self._button())

    async def _decide(self, card: Json, mine: bool) -> None:
        rng, decisions = self.scene.rng, {}
        licences: list[Licence] = []
        for change in card["changes"]:
            kind = rng.choice(["approve", "approve", "approve", "reject", "edit", "use_existing"])
            given: Json = {"decision": kind}
            if kind == "approve":
                given["acknowledge"] = change["acknowledge"]
                licences.append(licence(change))
            elif kind == "edit":
                given["values"] = {rng.choice(["jobtitle", "city", "phone", "email"]): self.scene.tag()}
                given["acknowledge"] = change["acknowledge"] if rng.random() < 0.5 else []
                licences.append(licence(change, given["values"]))
            elif kind == "use_existing":
                given["contact_id"] = rng.choice([t["contact_id"] for t in change["twins"]] or ["1"])
            decisions[change["id"]] = given
        self.licences += licences if mine else []
        await self.run(Command(resume={"approval_id": card["id"], "decisions": decisions}), refused=True)

    def _licensed(self, card: Json, mine: bool = True) -> Json:
        self.licences += [licence(change) for change in card["changes"]] if mine else []
        return answer(card, "approve")

    async def _yes_in_words(self, card: Json, mine: bool) -> None:
        if mine and not any(change["acknowledge"] for change in card["changes"]):
            self._licensed(card)
        await self.run(self.scene.rng.choice([said("ja"), Command(resume={"text": "ja"}), said("Ja tak!")]))

    async def _as_somebody_else(self, card: Json) -> None:
        """Answer a card as another user than its owner."""
        rng = self.scene.rng
        stranger = "mallory" if self.owner != "mallory" else "eve"
        given = rng.choice([Command(resume=answer(card, "approve")), said("ja"), Command(resume={"text": "ja"})])
        await self.run(given, user=stranger, refused=True)

    async def _twice(self, given: Json) -> None:
        await self._gather([Command(resume=given) for _ in range(self.scene.rng.randint(2, 3))])

    async def _at_once(self, card: Json, mine: bool) -> None:
        approval: Any = Command(resume=self._licensed(card, mine))
        other = self.scene.rng.choice([Command(resume=answer(card, "reject")), said("nej"), said("find Mette")])
        await self._gather([approval, other])

    async def _gather(self, inputs: list[Any]) -> None:
        """Begin several runs of one conversation at the same moment, as two tabs may."""
        self.log.append(f"at once: {inputs!r}"[:400])
        runs = [self.graph.ainvoke(given, self.config()) for given in inputs]
        for result in await asyncio.gather(*runs, return_exceptions=True):
            if isinstance(result, BaseException) and not is_invalid_resume(result):
                raise result
        await self._look()

    async def _look(self) -> None:
        """Read what waits, as a reloaded page would."""
        state = await self.graph.aget_state(self.config())
        self._see({**state.values, "__interrupt__": state.interrupts}, self.user)

    def _garbage(self) -> Any:
        rng, forged = self.scene.rng, str(uuid4())
        good: Json = answer(self.card, "approve") if self.card else {"approval_id": forged, "decisions": {}}
        broken = copy.deepcopy(good)
        broken["decisions"][forged] = {"decision": "approve"}
        return rng.choice(
            [
                *({}, [], "ja", "approve", 1, True, {"approval_id": forged}, {"decisions": {}}, {"text": 1}),
                {**good, "text": "ja"},
                {**good, "approval_id": forged},
                {**good, "approval_id": None},
                {**good, "values": {"email": "evil@angreb.example"}},
                {**good, "decisions": {}},
                broken,
                {**good, "decisions": {i: {"decision": "go"} for i in good["decisions"]}},
                {
                    **good,
                    "decisions": {i: {"decision": "approve", "values": {"city": "x"}} for i in broken["decisions"]},
                },
                {**good, "decisions": {i: {"decision": "approve", "acknowledge": ["x"]} for i in broken["decisions"]}},
            ]
        )

    async def _goes_on(self) -> None:
        """Check that the owner can answer the waiting card, and that a plain question gets an answer."""
        await self._look_as_owner()
        if self.card:
            await self.run(Command(resume=answer(self.card, "reject")), user=self.owner)
            if self.card:
                raise Stuck("a card still waits after it was refused")
        self.log.append(PLAIN)
        out = await self.graph.ainvoke(said(PLAIN), self.config())
        last = out["messages"][-1]
        # after a call that took very long the model rests, and the guided one answers
        if SAID not in last.text and GUIDED not in last.text:
            raise Stuck(f"no answer to a question: {last.text!r}")

    async def _look_as_owner(self) -> None:
        state = await self.graph.aget_state(self.config())
        self.card = state.interrupts[0].value if state.interrupts else None
        self.owner = (state.values.get("card") or {}).get("user", self.user)

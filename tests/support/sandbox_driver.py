"""Sends random operations to the sandbox, and compares each answer with the model."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import httpx
from hypothesis.stateful import RuleBasedStateMachine

from support.children import Sandbox
from support.sandbox_chances import Pick, shown
from support.sandbox_model import NAMES, Model, Refused, Values, normal, whole_batch

CONTACTS = "/crm/v3/objects/contacts"
NOBODY = "999999999999"


class Driver(RuleBasedStateMachine):
    """A sandbox, the model of it, and every id that a contact ever had."""

    sandbox: ClassVar[Sandbox]
    model: Model
    ids: list[str]

    def found(self, body: dict[str, Any], test: Callable[[Values], bool], limit: int) -> None:
        """Compare all pages of a search with the model."""
        total, expected = self.model.matches(test)
        seen: list[str] = []
        for start in range(0, max(total, 1), limit):
            asked = body | {"limit": limit, "after": str(start), "properties": list(NAMES)}
            page = self.call("POST", "/search", asked).json()
            assert page["total"] == total
            assert page.get("paging", {}).get("next", {}).get("after") == (
                str(start + limit) if start + limit < total else None
            )
            for each in page["results"]:
                seen.append(each["id"])
                held = self.model.live[each["id"]]
                assert shown(each) == {name: held.get(name) for name in NAMES}
        assert seen == expected

    def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """One call of the API for contacts."""
        return self.sandbox.http.request(method, CONTACTS + path, json=body)

    def picked(self, pick: Pick) -> str:
        """The id of an existing contact, or an id that was given once and may belong to nobody."""
        number, among = pick
        known: dict[str, Iterable[str]] = {
            "live": self.model.live,
            "archived": self.model.archived,
            "merged": self.model.merged,
        }
        ids = sorted(known.get(among, ())) or [*self.ids, NOBODY]
        return ids[number % len(ids)]

    def made(self, answer: httpx.Response) -> str:
        """The id in an answer, which can be picked from now on; an id of nobody where the answer is a refusal."""
        if not answer.is_success:
            return NOBODY
        self.ids.append(answer.json()["id"])
        return self.ids[-1]

    def matched(self, answer: httpx.Response, batch: list[Values]) -> list[str]:
        """The ids of a batch in the order of its inputs; the answer may have any order."""
        if not answer.is_success:
            return placeholders(len(batch))
        left = [(each["id"], shown(each)) for each in answer.json()["results"]]
        keys = []
        for sent in batch:
            wanted = {"lifecyclestage": "lead"} | {name: value for name, value in sent.items() if value}
            wanted |= {"email": normal(wanted["email"])} if "email" in wanted else {}
            found = next(each for each in left if each[1] == {name: wanted.get(name) for name in NAMES})
            left.remove(found)
            keys.append(found[0])
        self.ids += keys
        return keys

    def agree(self, answer: httpx.Response, expected: Callable[[], Any], success: int) -> None:
        """Check that the sandbox accepted what the model accepts, and refused the rest with the model's status."""
        try:
            expected()
        except Refused as refusal:
            success = refusal.status
        assert answer.status_code == success, answer.text

    def agree_batch(self, answer: httpx.Response, steps: list[Callable[[Model], None]], success: int) -> None:
        """The same check for a batch that is written as a whole."""

        def expected() -> None:
            self.model = whole_batch(self.model, steps)

        self.agree(answer, expected, success)


def placeholders(count: int) -> list[str]:
    """Ids for contacts that the sandbox did not create, because the model may have created some."""
    return [f"{NOBODY}{number}" for number in range(count)]

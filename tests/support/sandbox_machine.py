"""Random operations on a sandbox and on its model; after each step both must agree."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from support.sandbox_chances import (
    TESTS,
    Pick,
    creating,
    emails,
    people,
    picks,
    put_away,
    shown,
    texts,
    to_purge,
    updating,
    upserting,
    values,
    without_email,
)
from support.sandbox_driver import NOBODY, Driver, placeholders
from support.sandbox_model import NAMES, Model, Refused, Values, addresses, normal

# Time moves in steps of a minute and the lag is between two of them, so that the time a request takes is of no account.
STEP, LAG = 60, 100


class Machine(Driver):
    """Needs a `sandbox`. Every write is made over HTTP, and in the model if the model accepts it."""

    @initialize(lag=st.sampled_from([0, LAG]), first=st.lists(people, min_size=4, max_size=7))
    def start(self, lag: int, first: list[Values]) -> None:
        """An account with a few people."""
        self.sandbox.control("POST", "reset", {"seed": "none"})
        self.sandbox.control("POST", "lag", {"seconds": lag})
        self.model = Model(lag=lag)
        self.ids: list[str] = []
        for sent in first:
            self.create(sent)

    @rule(sent=values)
    def create(self, sent: Values) -> None:
        """One new contact."""
        answer = self.call("POST", "", {"properties": sent})
        self.agree(answer, lambda: self.model.create(self.made(answer), sent), 201)

    @rule(pick=picks, sent=values)
    def update(self, pick: Pick, sent: Values) -> None:
        """New values, by an id that may be merged away, archived or gone."""
        key = self.picked(pick)
        answer = self.call("PATCH", f"/{key}", {"properties": sent})
        self.agree(answer, lambda: self.model.update(self.model.resolved(key), sent), 200)

    @rule(email=emails, sent=values)
    def update_by_email(self, email: str, sent: Values) -> None:
        """New values, by a primary or additional address."""
        answer = self.call("PATCH", f"/{email}?idProperty=email", {"properties": sent})
        self.agree(answer, lambda: self.model.update(self.model.holder(email), sent), 200)

    @rule(batch=st.lists(values, min_size=1, max_size=4))
    def batch_create(self, batch: list[Values]) -> None:
        """All of a batch, or nothing of it."""
        answer = self.call("POST", "/batch/create", {"inputs": [{"properties": sent} for sent in batch]})
        keys = self.matched(answer, batch)
        self.agree_batch(answer, [creating(key, sent) for key, sent in zip(keys, batch, strict=True)], 201)

    @rule(batch=st.lists(values, min_size=1, max_size=4))
    def batch_create_traced(self, batch: list[Values]) -> None:
        """The good ones of a batch whose inputs have trace ids."""
        inputs = [{"properties": sent, "objectWriteTraceId": str(at)} for at, sent in enumerate(batch)]
        answer = self.call("POST", "/batch/create", {"inputs": inputs})
        made = {each["objectWriteTraceId"]: each["id"] for each in answer.json()["results"]}
        self.ids += made.values()
        refused = set()
        for at, sent in enumerate(batch):
            try:
                self.model.create(made.get(str(at), NOBODY), sent)
            except Refused:
                refused.add(str(at))
        assert made.keys() == {str(at) for at in range(len(batch))} - refused
        told = {each["context"]["objectWriteTraceId"][0] for each in answer.json().get("errors", [])}
        assert (answer.status_code, told) == (207 if refused else 201, refused)

    @rule(batch=st.lists(st.tuples(picks, values), min_size=1, max_size=4))
    def batch_update(self, batch: list[tuple[Pick, Values]]) -> None:
        """The live ones of a batch by their own ids; a refused value refuses all."""
        sent = {self.picked(pick): each for pick, each in batch}
        inputs = [{"id": key, "properties": each} for key, each in sent.items()]
        answer = self.call("POST", "/batch/update", {"inputs": inputs})
        here = {key: each for key, each in sent.items() if key in self.model.live}
        steps = [updating(key, each) for key, each in here.items()]
        self.agree_batch(answer, steps, 200 if here.keys() == sent.keys() else 207)

    @rule(batch=st.dictionaries(emails, without_email, min_size=1, max_size=3))
    def batch_upsert(self, batch: dict[str, Values]) -> None:
        """Whoever has the address is updated, and nobody else is created twice."""
        inputs = [{"id": email, "idProperty": "email", "properties": sent} for email, sent in batch.items()]
        answer = self.call("POST", "/batch/upsert", {"inputs": inputs})
        results = answer.json().get("results", [])
        self.ids += [each["id"] for each in results if each["new"]]
        # the answer is in the reverse order, like that of a batch of creates
        keys = [each["id"] for each in results[::-1]] or placeholders(len(batch))
        pairs = zip(keys, batch.items(), strict=True)
        self.agree_batch(answer, [upserting(key, email, sent) for key, (email, sent) in pairs], 200)

    @precondition(lambda self: len(self.model.live) > 2)
    @rule(pick=picks)
    def archive(self, pick: Pick) -> None:
        """One contact put away."""
        key = self.picked(pick)
        self.agree(self.call("DELETE", f"/{key}"), lambda: self.model.archive(key), 204)

    @precondition(lambda self: len(self.model.live) > 4)
    @rule(chosen=st.lists(picks, min_size=1, max_size=3))
    def batch_archive(self, chosen: list[Pick]) -> None:
        """Several put away."""
        keys = [self.picked(pick) for pick in chosen]
        answer = self.call("POST", "/batch/archive", {"inputs": [{"id": key} for key in keys]})
        assert answer.status_code == 204
        for key in keys:
            self.model.archive(key)

    @rule(pick=put_away)
    def restore(self, pick: Pick) -> None:
        """One brought back."""
        key = self.picked(pick)
        answer = self.sandbox.http.post("/_sandbox/restore", json={"objectId": key})
        self.agree(answer, lambda: self.model.restore(key), 200)

    @precondition(lambda self: len(self.model.live) > 2)
    @rule(pick=picks, other=picks)
    def merge(self, pick: Pick, other: Pick) -> None:
        """Two made one."""
        pair = self.picked(pick), self.picked(other)
        answer = self.call("POST", "/merge", {"primaryObjectId": pair[0], "objectIdToMerge": pair[1]})
        self.agree(answer, lambda: self.model.merge(self.made(answer), *pair), 200)

    @precondition(lambda self: len(self.model.live) > 1)
    @rule(number=st.integers(0, 40), step=st.integers(1, 5))
    def merge_two(self, number: int, step: int) -> None:
        """Two who are there and are not the same."""
        others = len(self.model.live) - 1
        self.merge((number, "live"), (number + 1 + (step - 1) % others, "live"))

    @precondition(lambda self: len(self.model.live) > 3)
    @rule(pick=to_purge)
    def purge(self, pick: Pick) -> None:
        """One deleted for good, by an id that may be merged away."""
        key = self.picked(pick)
        answer = self.call("POST", "/gdpr-delete", {"objectId": key})
        self.agree(answer, lambda: self.model.purge(self.model.resolved(key)), 204)

    @rule(steps=st.integers(1, 3))
    def pass_time(self, steps: int) -> None:
        """Time goes by."""
        self.sandbox.control("POST", "clock", {"advance": steps * STEP})
        self.model.now += steps * STEP

    @rule(pick=picks)
    def read(self, pick: Pick) -> None:
        """One contact by any id that it ever had."""
        key = self.picked(pick)
        answer = self.call("GET", f"/{key}?properties={','.join(NAMES)}")
        held = self.model.live.get(self.model.resolved(key))
        assert (answer.status_code == 200) is (held is not None)
        if held is not None:
            assert shown(answer.json()) == {name: held.get(name) for name in NAMES}

    @rule(email=emails)
    def read_by_email(self, email: str) -> None:
        """One contact by an address, at once."""
        answer = self.call("GET", f"/{email}?idProperty=email")
        assert answer.json().get("id") == self.model.holder(email)

    @rule(which=st.sampled_from(sorted(TESTS)), limit=st.integers(1, 5))
    def search(self, which: str, limit: int) -> None:
        """A search finds what the index knew and shows what is live now, each contact once over all pages."""
        condition, test = TESTS[which]
        self.found({"filterGroups": [{"filters": [condition]}]}, test, limit)

    @rule(word=st.sampled_from(["ADA", "x.example", "bo@", "åse"]), limit=st.integers(1, 5))
    def query(self, word: str, limit: int) -> None:
        """A query finds part of a name or an address, additional ones too."""
        wanted = word.lower()
        self.found(
            {"query": word},
            lambda held: any(wanted in each for each in (held.get("firstname", "").lower(), *addresses(held))),
            limit,
        )

    @invariant()
    def everything_is_listed_once(self) -> None:
        """Every contact is listed once with exactly the values acknowledged; every address belongs to one contact."""
        seen: dict[str, dict[str, str | None]] = {}
        after = ""
        for _ in range(100):
            page = self.call("GET", f"?limit=4&properties={','.join(NAMES)}{after}").json()
            for each in page["results"]:
                assert each["id"] not in seen
                seen[each["id"]] = shown(each)
            if "paging" not in page:
                break
            after = f"&after={page['paging']['next']['after']}"
        expected = {key: {name: held.get(name) for name in NAMES} for key, held in self.model.live.items()}
        assert seen == expected
        held = [each for person in seen.values() for each in dict.fromkeys(addresses(texts(person)))]
        assert len(held) == len(set(held)) and held == [normal(each) for each in held]

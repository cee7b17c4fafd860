"""What the sandbox should do, written a second time and as plainly as possible: contacts in a dictionary.

It covers the properties of NAMES. A write that is refused raises `Refused` and changes nothing. Where HubSpot's
behaviour is not verified it decides as sandbox/README.md says.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Values = dict[str, str]
STAGES = ("subscriber", "lead", "customer")
NAMES = ("email", "firstname", "city", "lifecyclestage", "hs_additional_emails")
LAST = 2**40


class Refused(Exception):
    """A refusal with its status. Problems with values are collected over a batch; any other ends it at once."""

    def __init__(self, status: int, of_a_value: bool = False) -> None:
        super().__init__(status)
        self.status = status
        self.of_a_value = of_a_value


@dataclass(frozen=True)
class Version:
    """What the search index knows of a contact for a while."""

    contact: str
    since: int
    until: int
    values: Values


@dataclass
class Model:
    """The account; `now` is in seconds, and whatever happens takes no time."""

    live: dict[str, Values] = field(default_factory=dict)
    archived: dict[str, Values] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    index: list[Version] = field(default_factory=list)
    now: int = 0
    lag: int = 0

    def copy(self) -> "Model":
        """The same account, to try something on."""
        live = {key: dict(values) for key, values in self.live.items()}
        return Model(
            live, dict(self.archived), dict(self.merged), set(self.blocked), list(self.index), self.now, self.lag
        )

    def resolved(self, key: str) -> str:
        """The contact that a single read or update of this id reaches."""
        return self.merged.get(key, key)

    def holder(self, email: str) -> str | None:
        """The live contact with this address, primary or additional."""
        wanted = normal(email)
        return next((key for key, values in self.live.items() if wanted in addresses(values)), None)

    def create(self, key: str, sent: Values) -> None:
        """A new contact under an id that the sandbox chose."""
        values = {name: value for name, value in _accepted(sent).items() if value}
        if not values.keys() & {"email", "firstname"}:
            raise Refused(400)
        self._require_free(values.get("email", ""), None)
        self._put(key, {"lifecyclestage": "lead", **values})

    def update(self, key: str | None, sent: Values) -> None:
        """New values for a contact; a lifecycle stage that would go back stays."""
        if key is None or key not in self.live:
            raise Refused(404)
        values = self.live[key]
        changes = {name: value for name, value in _accepted(sent).items() if value != values.get(name, "")}
        if _goes_back(values.get("lifecyclestage", ""), changes.get("lifecyclestage", "")):
            del changes["lifecyclestage"]
        self._require_free(changes.get("email", ""), key)
        if changes:
            self._put(key, values | changes)

    def upsert(self, key: str, email: str, sent: Values) -> bool:
        """Update whoever has the address, or create; whether it was a create."""
        held = self.holder(email)
        if held is None:
            self.create(key, {"email": email, **sent})
        else:
            self.update(held, sent)
        return held is None

    def archive(self, key: str) -> None:
        """Put a contact away, if it is there."""
        if key in self.live:
            self.archived[key] = self.live.pop(key)
            self._close(key)

    def restore(self, key: str) -> None:
        """Bring an archived contact back, unless one of its addresses was taken or blocked meanwhile."""
        if key not in self.archived:
            raise Refused(404)
        for email in addresses(self.archived[key]):
            self._require_free(email, None)
        self._put(key, self.archived.pop(key))

    def merge(self, key: str, primary: str, other: str) -> None:
        """One contact under a new id in place of two live ones."""
        if primary == other:
            raise Refused(400)
        if primary not in self.live or other not in self.live:
            raise Refused(404)
        ours, theirs = self.live.pop(primary), self.live.pop(other)
        values = ours | {name: value for name, value in theirs.items() if value and not ours.get(name)}
        if _goes_back(theirs.get("lifecyclestage", ""), ours.get("lifecyclestage", "")):
            values["lifecyclestage"] = theirs["lifecyclestage"]
        more = [each for each in (*addresses(ours), *addresses(theirs)) if each != values.get("email")]
        if more:
            values["hs_additional_emails"] = ";".join(dict.fromkeys(more))
        for gone in (primary, other):
            self._close(gone)
        for old in [old for old, new in self.merged.items() if new in (primary, other)] + [primary, other]:
            self.merged[old] = key
        self._put(key, values)

    def purge(self, key: str) -> None:
        """Delete a contact for good, live or archived, and block its addresses."""
        if key not in self.live and key not in self.archived:
            raise Refused(404)
        values = self.live.pop(key, None) or self.archived.pop(key)
        self.blocked.update(addresses(values))
        self.merged = {old: new for old, new in self.merged.items() if new != key}
        self._close(key)

    def matches(self, test: Callable[[Values], bool]) -> tuple[int, list[str]]:
        """How many a search counts and whom it shows: it matches what the index knew, and shows who is live."""
        moment = self.now - self.lag if self.lag else LAST - 1
        found = sorted(
            int(version.contact)
            for version in self.index
            if version.since <= moment < version.until and test(version.values)
        )
        return len(found), [str(key) for key in found if str(key) in self.live]

    def _require_free(self, email: str, key: str | None) -> None:
        if not email:
            return
        if email in self.blocked:
            raise Refused(400, of_a_value=True)
        if self.holder(email) not in (None, key):
            raise Refused(409)

    def _put(self, key: str, values: Values) -> None:
        self._close(key)
        self.live[key] = values
        self.index.append(Version(key, self.now, LAST, dict(values)))

    def _close(self, key: str) -> None:
        self.index = [
            Version(each.contact, each.since, self.now, each.values)
            if each.contact == key and each.until == LAST
            else each
            for each in self.index
        ]


def whole_batch(model: Model, steps: Iterable[Callable[[Model], None]]) -> Model:
    """Apply all the steps and return the account; where one is refused, raise Refused and apply none."""
    after, problem = model.copy(), False
    for step in steps:
        try:
            step(after)
        except Refused as refusal:
            if not refusal.of_a_value:
                raise
            problem = True
    if problem:
        raise Refused(400)
    return after


def addresses(values: Values) -> list[str]:
    """Every address of a contact, the primary one first."""
    return [each for each in (values.get("email", ""), *values.get("hs_additional_emails", "").split(";")) if each]


def normal(email: str) -> str:
    """The form in which an address is stored."""
    return email.strip().lower()


def _accepted(sent: Values) -> Values:
    values = {name: normal(value) if name == "email" else value for name, value in sent.items()}
    if values.get("email", "").endswith("@"):
        raise Refused(400, of_a_value=True)
    return values


def _goes_back(old: str, new: str) -> bool:
    return old in STAGES and new in STAGES and STAGES.index(new) < STAGES.index(old)

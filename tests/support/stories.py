"""Random stories of what an assistant and other people do to a few contacts: see ``support.round_trip``."""

from typing import Any

from hypothesis import strategies as st

VALUES: dict[str, tuple[str, ...]] = {
    "firstname": ("Anna", "Bo", ""),
    "jobtitle": ("CFO", "CEO", "Sælger", ""),
    "city": ("Aarhus", "Vejle", ""),
    "phone": ("+4522334455", "+4522334456", ""),
    "email": ("a@nordlys.example", "b@nordlys.example", "c@nordlys.example"),
    "lifecyclestage": ("subscriber", "lead", "customer", "evangelist", ""),
    "hubspot_owner_id": ("77040101", "77040131", ""),
    "hs_buying_role": ("CHAMPION", "CHAMPION;DECISION_MAKER", ""),
}

values = st.dictionaries(st.sampled_from(list(VALUES)), st.integers(0, 3), min_size=1, max_size=5).map(
    lambda chosen: {name: VALUES[name][n % len(VALUES[name])] for name, n in chosen.items()}
)
who = st.integers(0, 1)
theirs: st.SearchStrategy[Any] = st.one_of(
    st.tuples(st.just("edit"), who, values),
    st.tuples(st.just("meddle"), st.integers(0, 11), st.just({})),
    st.tuples(st.just("meddle"), st.integers(0, 11), st.just({})),
    st.tuples(st.just("new"), who, values),
    st.tuples(st.just("new"), who, st.fixed_dictionaries({"email": st.sampled_from(VALUES["email"])})),
    st.tuples(st.just("archive"), who, st.just({})),
    st.tuples(st.just("note"), who, st.just({})),
)
step: st.SearchStrategy[Any] = st.one_of(
    st.tuples(st.just("update"), who, values),
    st.tuples(st.just("create"), who, values),
    st.tuples(st.just("theirs"), st.lists(theirs, max_size=2), st.just({})),
    st.tuples(st.just("undo"), st.integers(0, 5), st.lists(theirs, max_size=1)),
)
stories = st.tuples(
    st.lists(values, min_size=1, max_size=3),
    st.lists(step, min_size=1, max_size=6),
    st.lists(st.tuples(st.just("undo"), st.integers(0, 5), st.lists(theirs, max_size=1)), min_size=1, max_size=3),
)

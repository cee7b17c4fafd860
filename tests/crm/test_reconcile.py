"""The table of what is concluded of a write whose answer is missing."""

from itertools import product
from typing import get_args

import pytest

from crm.write.evidence import Shown
from crm.write.reconcile import TABLE, Asked, conclude

# what HubSpot cannot show of a write, as the question does not arise there
IMPOSSIBLE = {
    *(("create", shown) for shown in ("half", "same")),
    *(("update", shown) for shown in ("taken", "merged")),
    *(("archive", shown) for shown in ("ours", "half", "doubt", "same", "taken", "merged")),
}
PAIRS = [pair for pair in product(get_args(Asked), get_args(Shown)) if pair not in IMPOSSIBLE]


@pytest.mark.parametrize(("asked", "shown"), PAIRS)
def test_each_case_stands_in_one_row(asked: Asked, shown: Shown) -> None:
    """Of each write, whatever HubSpot shows of it, exactly one row says what is concluded."""
    assert sum(asked in actions and shown in shows for actions, shows, _, _ in TABLE) == 1


@pytest.mark.parametrize(("asked", "shown"), sorted(IMPOSSIBLE))
def test_what_cannot_be_shown_stands_in_no_row(asked: Asked, shown: Shown) -> None:
    """A case that cannot arise is an error and not a conclusion."""
    with pytest.raises(AssertionError):
        conclude(asked, shown, late=True)


@pytest.mark.parametrize("asked", get_args(Asked))
def test_no_trace_is_no_proof_while_a_call_may_arrive(asked: Asked) -> None:
    """That HubSpot shows nothing says that nothing was written only once no call can arrive any more."""
    assert conclude(asked, "nothing", late=False) == "unknown"
    assert conclude(asked, "nothing", late=True) == "cut off"


@pytest.mark.parametrize(("asked", "late"), list(product(("create", "update"), (False, True))))
def test_doubt_stays_doubt(asked: Asked, late: bool) -> None:
    """What may be ours, and may be another integration's, is never concluded, however long it is ago."""
    assert conclude(asked, "doubt", late=late) == "unknown"

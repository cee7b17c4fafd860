"""Time limits around writes, in seconds. Code reads them as ``timing.NAME``, so that tests can shorten them."""

from datetime import timedelta

from crm.hubspot import CALL_SECONDS
from crm.portal import INDEX_SECONDS as PORTAL_INDEX_SECONDS

WRITE_SECONDS = CALL_SECONDS + 15  # the longest that a write may take with all of its tries and looks
UNDER_WAY_SECONDS = WRITE_SECONDS + 5  # whoever claimed a change for longer than this no longer works on it
REPORT_SECONDS = UNDER_WAY_SECONDS  # how long another run waits for the report of whoever claimed a change
LATE_SECONDS = 20.0  # a call that was given up may still be on its way, and take effect, for so long
INDEX_SECONDS = PORTAL_INDEX_SECONDS  # HubSpot's search shows a new contact within this time
CLOCK_SKEW = timedelta(minutes=2)  # between HubSpot's clock and ours

LOOK_PAUSES = (0.0, 1.0, 2.0)  # between looks for a call that may still be on its way, or for the search to show it
CONFLICT_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.5, 2.0)  # between looks at a conflicting change that was claimed before

ASKED_SECONDS = 5.0  # for settling a user's changes before they are listed or undone
PASS_SECONDS = 60.0  # between two passes over what is open, and the longest that one takes
# the first passes after a start: when a late call has taken effect, and when the search has caught up
FIRST_PASSES = (LATE_SECONDS + 2, INDEX_SECONDS)

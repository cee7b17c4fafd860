"""How long tests wait: as an idle machine needs, times ``ASSISTANT_TEST_PATIENCE`` (default 1) on a busy one."""

import os

FACTOR = float(os.environ.get("ASSISTANT_TEST_PATIENCE") or 1)


def patiently(seconds: float) -> float:
    """So many seconds, or as many times more as this run is to be patient."""
    return seconds * FACTOR

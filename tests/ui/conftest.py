"""Chainlit is imported here once: what it imports warns of itself, and warnings are errors in these tests."""

import warnings

from ui import startup

startup.quiet()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import chainlit.data.sql_alchemy  # noqa: F401  # brings the rest along

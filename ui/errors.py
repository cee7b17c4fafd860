"""Errors that nobody foresaw: a record without anyone's data in it, under a reference that may be shown."""

import logging
import secrets
import traceback

logger = logging.getLogger(__name__)


def report(error: BaseException) -> str:
    """Log what kind of error this is and where it arose, and return the reference that it is logged under.

    The text of an error is left out: it may hold a contact or a token.
    """
    reference = secrets.token_hex(4)
    logger.error("reference %s\n%s", reference, "".join(_kinds(error)))
    return reference


def _kinds(error: BaseException | None) -> list[str]:
    if error is None:
        return []
    earlier = _kinds(error.__cause__ or (None if error.__suppress_context__ else error.__context__))
    return [*earlier, *traceback.format_tb(error.__traceback__), f"{type(error).__qualname__}\n"]

"""Logs unforeseen errors without anyone's data, under a reference that may be shown."""

import logging
import secrets
import sys
import threading
import traceback
import warnings
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

# whose records are written with care: the rooms of this program
_ROOMS = ("ui", "graph", "language", "guided", "tools", "jobs", "crm", "prompts")


def report(error: BaseException) -> str:
    """Log the type of the error and where it arose, and return the reference of that log record.

    The text of an error is left out, because it may hold a contact or a token.
    """
    reference = secrets.token_hex(4)
    logger.error("reference %s\n%s", reference, "".join(_kinds(error)))
    return reference


def _kinds(error: BaseException | None) -> list[str]:
    if error is None:
        return []
    earlier = _kinds(error.__cause__ or (None if error.__suppress_context__ else error.__context__))
    return [*earlier, *traceback.format_tb(error.__traceback__), f"{type(error).__qualname__}\n"]


def tell_no_texts() -> None:
    """Make every library's log records name only the type and the place of an error.

    Their own messages hold texts and values, and long tracebacks.
    """
    logging.setLogRecordFactory(_record)
    warnings.showwarning = _warned  # type: ignore[assignment]  # it is called by place
    sys.excepthook = lambda kind, error, trace: _ended(error)
    threading.excepthook = lambda thread: _ended(thread.exc_value)
    sys.unraisablehook = lambda ignored: _ended(ignored.exc_value)


def _record(
    name: str, level: int, path: str, line: int, text: Any, arguments: Any, error: Any, *more: Any, **named: Any
) -> logging.LogRecord:
    if name.partition(".")[0] not in _ROOMS:
        text, arguments = _outline(error[1] if error else sys.exc_info()[1], _place(path, line)), ()
        error = None
    return logging.LogRecord(name, level, path, line, text, arguments, error, *more, **named)


def _outline(error: BaseException | None, place: str) -> str:
    kinds = []
    while error is not None:
        last = traceback.extract_tb(error.__traceback__)[-1:]
        kinds.append(" at ".join([type(error).__qualname__, *(_place(f.filename, f.lineno or 0) for f in last)]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"reference {secrets.token_hex(4)}: {', after '.join(kinds) or 'no error'}, logged at {place}"


def _place(path: str, line: int) -> str:
    return f"{'/'.join(Path(path).parts[-2:])}:{line}"


def _warned(message: Warning | str, category: type[Warning], path: str, line: int, *_: Any) -> None:
    logger.warning("%s at %s", category.__name__, _place(path, line))


def _ended(error: BaseException | None) -> None:
    if error is not None:
        report(error)

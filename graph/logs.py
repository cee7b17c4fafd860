"""Limits libraries to warnings and errors: below that they log what people said, and keys of services."""

import logging

# aiosqlite logs every statement with its values at DEBUG, openai every request, urllib3 and httpx every address
TALKATIVE = (
    *("aiosqlite", "hubspot", "urllib3", "openai", "httpx", "httpx2", "httpcore", "httpcore2", "langsmith"),
    *("sqlalchemy", "websockets", "engineio", "socketio"),
)


def quiet_libraries() -> None:
    """Limit these libraries and their child loggers to warnings and errors, whatever the root's level is."""
    for name in TALKATIVE:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
    for name in tuple(logging.Logger.manager.loggerDict):
        if name.partition(".")[0] in TALKATIVE:
            # a logger below may have a level of its own, or be given one later
            logging.getLogger(name).addFilter(_matters)


def _matters(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING

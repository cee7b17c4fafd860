"""Keeps libraries from logging below WARNING, where they log what people said and the keys of services."""

import logging

# aiosqlite logs every statement with its values at DEBUG, openai every request, urllib3 and httpx every address
TALKATIVE = (
    *("aiosqlite", "hubspot", "urllib3", "openai", "httpx", "httpx2", "httpcore", "httpcore2", "langsmith"),
    *("sqlalchemy", "websockets", "engineio", "socketio"),
)


def quiet_libraries() -> None:
    """Lets these libraries, and every logger below theirs, log warnings and errors only, at any level of the root."""
    for name in TALKATIVE:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
    for name in tuple(logging.Logger.manager.loggerDict):
        if name.partition(".")[0] in TALKATIVE:
            # a logger below may have a level of its own, or be given one later
            logging.getLogger(name).addFilter(_matters)


def _matters(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING

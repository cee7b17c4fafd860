"""Which email addresses HubSpot accepts, and the form it keeps them in."""

import re
from functools import cache
from pathlib import Path

TLDS = Path(__file__).parent.parent / "data" / "tlds.txt"
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
LABEL = re.compile(r"[^\W_]([^\W_]|-){0,61}[^\W_]|[^\W_]")


@cache
def known_tlds() -> frozenset[str]:
    """The top-level domains of the data file."""
    lines = TLDS.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def normal(text: str) -> str:
    """The stored form: trimmed and in lower case (commonly observed)."""
    return text.strip().lower()


def valid(email: str) -> bool:
    """Whether a normalised address is accepted: its syntax, and a top-level domain that exists (observed)."""
    local, at, domain = email.rpartition("@")
    if not at or len(local) > 64 or len(domain) > 253 or not LOCAL.fullmatch(local):
        return False
    labels = domain.split(".")
    if len(labels) < 2 or not all(LABEL.fullmatch(label) for label in labels):
        return False
    return labels[-1] in known_tlds() or labels[-1].startswith("xn--")


def domain_of(email: str) -> str:
    """The part after the at sign."""
    return email.rpartition("@")[2]

"""HubSpot over HTTP: the client, rate limits, retries and the mapping of errors."""

from crm.hubspot import clock
from crm.hubspot.clock import ahead
from crm.hubspot.gateway import CALL_SECONDS, Gateway
from crm.hubspot.queries import (
    MOST_FILTERS,
    MOST_GROUPS,
    MOST_IN_GROUP,
    NUMBERS,
    Filter,
    Group,
    compares,
    equals,
    one_of,
    phone_groups,
    request,
    token,
    unset,
)
from crm.hubspot.retries import Patience

__all__ = [
    "CALL_SECONDS",
    "MOST_FILTERS",
    "MOST_GROUPS",
    "MOST_IN_GROUP",
    "NUMBERS",
    "Filter",
    "Gateway",
    "Group",
    "Patience",
    "ahead",
    "clock",
    "compares",
    "equals",
    "one_of",
    "phone_groups",
    "request",
    "token",
    "unset",
]

"""What language is understood against: the properties of the demo's contacts."""

import pytest

from crm.domain.schema import Schema
from support.schemas import demo_schema


@pytest.fixture(scope="session")
def schema() -> Schema:
    """The properties of the demo's contacts, read without a server."""
    return demo_schema()

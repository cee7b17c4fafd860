"""The web pages: complete, escaped and self-contained."""

import html
import re
from typing import Any

import httpx

PORTAL = 143000001
LIST = f"/contacts/{PORTAL}/objects/0-1/views/all/list"


def record(sandbox: Any, contact_id: str) -> httpx.Response:
    return httpx.get(f"{sandbox.url}/contacts/{PORTAL}/record/0-1/{contact_id}")


def test_record_page(sandbox: Any) -> None:
    """A record page shows labels, values and every change, without a token."""
    contact_id = sandbox.create(firstname="Åse", city="Ribe", hubspot_owner_id="77040118", lifecyclestage="customer")
    path = f"/crm/v3/objects/contacts/{contact_id}"
    sandbox.http.patch(path, json={"properties": {"city": "Vejle"}})
    page = record(sandbox, contact_id).text
    for text in ("Åse", "City", "Ribe", "Vejle", "Anders Bjerre", "Customer", "Contact owner"):
        assert text in page
    sandbox.http.delete(path)
    assert "archived" in record(sandbox, contact_id).text


def test_values_are_escaped(sandbox: Any) -> None:
    """Values never become markup."""
    contact_id = sandbox.create(firstname="<script>alert(1)</script>", city='"><img src=x>')
    for page in (record(sandbox, contact_id).text, httpx.get(sandbox.url + LIST, params={"q": "<script>"}).text):
        assert "<script" not in page and "<img" not in page
        assert html.escape("<script>") in page


def test_pages_fetch_nothing(demo: Any) -> None:
    """Pages allow no script and name no other host."""
    answer = httpx.get(demo.url + LIST)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "http://" not in answer.text and "https://" not in answer.text


def test_list_pages_and_searches(demo: Any) -> None:
    """The list pages through all contacts, links to their records, and searches."""
    first = httpx.get(demo.url + LIST).text
    assert "1&ndash;25 of 204" in first and 'rel="next"' in first and 'rel="prev"' not in first
    assert 'rel="next"' not in httpx.get(demo.url + LIST + "?page=9").text
    found = httpx.get(demo.url + LIST, params={"q": "mette hansen nordlys"}).text
    (contact_id,) = re.findall(r"/record/0-1/(\d+)", found)
    assert "Fjord chair" in record(demo, contact_id).text
    assert "No contacts" in httpx.get(demo.url + LIST, params={"q": "xyzzy", "page": "abc"}).text


def test_list_begins_with_the_latest(demo: Any) -> None:
    """The contact changed last stands first in the list."""
    contact_id = demo.create(firstname="Nyeste")
    assert re.findall(r"/record/0-1/(\d+)", httpx.get(demo.url + LIST).text)[0] == contact_id


def test_front_door(sandbox: Any) -> None:
    """The front door leads to the list."""
    answer = httpx.get(sandbox.url + "/")
    assert answer.status_code == 302 and answer.headers["location"] == LIST


def test_missing_pages(sandbox: Any) -> None:
    """A contact that does not exist has a page that says so."""
    for contact_id in ("1", "abc", "9" * 30):
        answer = record(sandbox, contact_id)
        assert answer.status_code == 404 and "Not found" in answer.text
    assert httpx.get(f"{sandbox.url}/contacts/1/record/0-1/1").status_code == 404

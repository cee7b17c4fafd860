"""Hostile strings, and contacts that contain them."""

import json
from collections.abc import Iterator, Sequence
from typing import TypeVar

from support.children import Sandbox
from support.needs import data

T = TypeVar("T")
PAGE = 10  # contacts in a list


def hostile(every: int = 1) -> list[str]:
    """The strings of the collection, or ``every`` so many of them; skips, saying so, where it is absent."""
    lines = data("hostile.jsonl").read_text("utf-8").split("\n")
    return [json.loads(line)["text"] for line in lines if line][::every]


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in groups of so many."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def seed(crm: Sandbox, strings: Sequence[str]) -> list[str]:
    """Make a contact for each string, as its company and job title; each page of contacts shares a last name."""
    contacts = [
        {
            "properties": {
                "email": f"h{number}@nordlys.example",
                "firstname": f"N{number}",
                "lastname": f"Gruppe{number // PAGE}",
                "company": text,
                "jobtitle": text,
            }
        }
        for number, text in enumerate(strings)
    ]
    for batch in chunks(contacts, 100):
        answer = crm.http.post("/crm/v3/objects/contacts/batch/create", json={"inputs": batch})
        assert answer.status_code == 201, answer.text
    crm.control("DELETE", "writes")
    return [f"Gruppe{number}" for number in range((len(strings) + PAGE - 1) // PAGE)]

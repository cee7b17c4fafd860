"""What HubSpot's refusals become, and whether they surely left everything as it was."""

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crm.domain import errors
from crm.hubspot import retries
from crm.hubspot.gateway import Gateway
from crm.hubspot.retries import Patience
from support.children import Sandbox
from support.patience import patiently
from support.stopping import until

Gates = Callable[..., Gateway]
METTE = "mette.hansen@nordlys.example"
LIMIT = {"status": 429, "body": {"message": "You have reached your secondly limit.", "category": "RATE_LIMITS"}}
OLD = (
    'Property values were not valid: [{"isValid":false,"message":"…","error":"INVALID_OPTION","name":"industry"},'
    '{"isValid":false,"message":"…","error":"INVALID_EMAIL","name":"email"}]'
)


@pytest.fixture
def mette(crm: Sandbox) -> str:
    found = crm.find(METTE)
    assert found
    return str(found["id"])


async def test_every_bad_property_is_named(gate: Gateway, crm: Sandbox, mette: str) -> None:
    """A refusal of several properties names the first, all of them, and HubSpot's reason; nothing is written."""
    with pytest.raises(errors.Invalid) as caught:
        await gate.update(mette, {"shoesize": "42", "lifecyclestage": "hero", "jobtitle": "CFO"})
    assert caught.value.params["properties"] == ["shoesize", "lifecyclestage"]
    assert caught.value.params["property"] == "shoesize"
    assert caught.value.params["reason"] == "PROPERTY_DOESNT_EXIST"
    assert crm.writes() == []


async def test_an_older_body_names_its_properties_too(gate: Gateway, crm: Sandbox, mette: str) -> None:
    """Where only the message lists the bad properties, they are read from it."""
    crm.fail(match={"method": "PATCH"}, status=400, body={"message": OLD, "category": "VALIDATION_ERROR"})
    with pytest.raises(errors.Invalid) as caught:
        await gate.update(mette, {"industry": "x"})
    assert caught.value.params == {
        "property": "industry",
        "reason": "INVALID_OPTION",
        "properties": ["industry", "email"],
    }


@pytest.mark.parametrize("status", [409, 400])
async def test_a_taken_email_is_a_conflict_in_either_form(gate: Gateway, crm: Sandbox, mette: str, status: int) -> None:
    """An update to another contact's email names that contact, whichever of its two forms HubSpot chooses."""
    other = crm.create(email="fri@nordlys.example")
    crm.control("POST", "email-conflict", {"status": status})
    try:
        with pytest.raises(errors.Conflict) as caught:
            await gate.update(other, {"email": METTE})
    finally:
        crm.control("POST", "email-conflict", {"status": 409})
    assert caught.value.params == {"contact_id": mette}


async def test_a_create_with_a_taken_email_names_the_contact(gate: Gateway, mette: str) -> None:
    """A create whose email exists is a conflict with the id."""
    with pytest.raises(errors.Conflict) as caught:
        await gate.create({"email": METTE})
    assert caught.value.params == {"contact_id": mette}


async def test_an_administrators_rule_names_its_property(gates: Gates, crm: Sandbox, mette: str) -> None:
    """A required property of the portal's own rules is named, in the versions that enforce them."""
    rule = {"objectType": "contacts", "when": {"city": "Ribe"}, "require": ["zip"]}
    crm.control("POST", "validation-rules", {"rules": [rule]})
    try:
        with pytest.raises(errors.Invalid) as caught:
            await gates(api_version="2026-09").update(mette, {"city": "Ribe", "zip": ""})
        await gates(api_version="v3").update(mette, {"city": "Ribe", "zip": ""})
    finally:
        crm.control("POST", "validation-rules", {"rules": []})
    assert caught.value.params["property"] == "zip"


async def test_a_refusal_without_a_name_of_its_own(gate: Gateway, crm: Sandbox, mette: str) -> None:
    """A refusal that is neither about a value nor a conflict is still one, and is not tried again."""
    crm.forget()
    crm.fail(match={"method": "PATCH"}, status=414, times=None)
    with pytest.raises(errors.Refused):
        await gate.update(mette, {"city": "Ribe"})
    assert len(crm.requests()) == 1


async def test_no_connection_means_nothing_was_done(gates: Gates) -> None:
    """A create that never reached HubSpot says so, and is tried again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(errors.Unreachable) as caught:
        await gates(api_url=f"http://127.0.0.1:{port}").create({"firstname": "Ny"})
    assert caught.value.nothing_done


@pytest.mark.parametrize("write", ["update", "archive"])
async def test_a_write_that_may_have_been_made_is_made_once(
    gate: Gateway, crm: Sandbox, mette: str, write: str
) -> None:
    """A write whose answer is lost is in doubt, and is not made again: somebody may have undone it in the meantime."""
    crm.fail(match={"method": "PATCH" if write == "update" else "DELETE"}, drop="after")
    crm.forget()
    with pytest.raises(errors.Unreachable) as caught:
        await (gate.update(mette, {"city": "Ribe"}) if write == "update" else gate.archive(mette))
    assert not caught.value.nothing_done
    assert (len(crm.writes()), len(crm.requests())) == (1, 1)


async def test_a_write_that_surely_did_nothing_is_made_again(gate: Gateway, crm: Sandbox, mette: str) -> None:
    """A write that HubSpot's limits turned away is made again, and once."""
    crm.fail(match={"method": "PATCH"}, **LIMIT)
    await gate.update(mette, {"city": "Ribe"})
    assert len(crm.writes()) == 1


async def test_archiving_what_is_gone_is_no_error(gate: Gateway, crm: Sandbox, mette: str) -> None:
    """A contact that is archived already is archived, also where HubSpot then says 404."""
    await gate.archive(mette)
    for status in (404, 204):
        crm.control("POST", "switches", {"delete_missing": status})
        await gate.archive(mette)
    assert crm.find(METTE) is None


async def test_brackets_without_end_are_no_answer(gate: Gateway, crm: Sandbox, mette: str) -> None:
    """An answer nested too deeply to be read is an answer that is not HubSpot's, as a success and as a refusal."""
    for status in (200, 400):
        crm.fail(status=status, body="[" * 100_000, times=None)
        with pytest.raises(errors.CrmDown):
            await gate.get(mette, ["email"])
        crm.control("DELETE", "faults")


async def test_retry_after_is_honoured(gates: Gates, crm: Sandbox, mette: str) -> None:
    """HubSpot is asked again no sooner than it asked for."""
    crm.fail(status=503, headers={"Retry-After": "1"})
    started = time.monotonic()
    await gates().get(mette, ["email"])
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize("wait", ["3600", "Wed, 21 Oct 2099 07:28:00 GMT"])
async def test_a_long_retry_after_is_not_waited_for(gate: Gateway, crm: Sandbox, mette: str, wait: str) -> None:
    """A wait longer than a call may take is an error at once."""
    crm.fail(status=503, headers={"Retry-After": wait}, times=None)
    crm.forget()
    with pytest.raises(errors.CrmDown):
        await gate.get(mette, ["email"])
    assert len(crm.requests()) == 1


@pytest.mark.parametrize("fault", [{"delay": patiently(1.5)}, {"trickle": 4}])
async def test_a_slow_hubspot_does_not_block_the_next_call(
    gates: Gates, crm: Sandbox, mette: str, fault: dict[str, Any]
) -> None:
    """More calls than threads that HubSpot never answers in time leave a pool that works again at once."""
    gateway = gates(patience=Patience(attempt=patiently(0.8), attempts=1))
    crm.fail(match={"path_contains": "/contacts/"}, times=40, **fault)
    calls = [gateway.get(mette, ["email"]) for _ in range(40)]
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(error) for error in found} == {errors.Unreachable}
    crm.control("DELETE", "faults")
    assert (await gateway.get(mette, ["email"])).id == mette


async def test_what_never_left_the_queue_was_not_done(
    gates: Gates, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A create that waited for a thread until its time was up says that HubSpot surely did nothing."""
    # of many threads, each could still begin a call that was submitted a moment later than the one before it
    monkeypatch.setattr(retries, "THREADS", 1)
    gateway = gates(patience=replace(Patience(), attempt=patiently(0.5), attempts=1))
    crm.fail(match={"method": "POST"}, delay=patiently(1.0), times=None)
    made = await asyncio.gather(*(gateway.create({"firstname": f"Ny {n}"}) for n in range(40)), return_exceptions=True)
    sure = [error for error in made if isinstance(error, errors.Unavailable) and error.nothing_done]
    crm.control("DELETE", "faults")
    assert len(sure) > 0
    await until(lambda: all(request["ms"] is not None for request in crm.requests()))
    assert len(crm.writes()) <= 40 - len(sure)


async def test_an_id_that_is_none_is_not_asked_for(gate: Gateway, crm: Sandbox) -> None:
    """An empty or worded id never reaches HubSpot, which would answer with a list."""
    crm.forget()
    calls: list[Any] = [gate.get("", []), gate.update("x", {}), gate.archive("²"), gate.history("../1", [])]
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(error) for error in found} == {errors.NotFound}
    assert crm.requests() == []

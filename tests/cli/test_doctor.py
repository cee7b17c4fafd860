"""``make doctor`` about HubSpot: a process, a sandbox that misbehaves, and what it says."""

import re
from pathlib import Path

import pytest

from support.children import Sandbox
from support.dated import dated
from support.doctor import closed_port, doctor, doctor_command
from support.fake_openai import FakeOpenAI
from support.openai_wire import ToolCall, calls, says
from support.patience import patiently

CONTACTS = {"path_contains": "/objects/contacts"}


def test_all_is_well(live: dict[str, str], crm: Sandbox, model: FakeOpenAI) -> None:
    """With everything in order each check is ok, the status is 0, and nothing was written."""
    model.play([calls(ToolCall("look_up", {"thing": "house"})), says("Yellow.")])
    said = doctor_command(
        **live,
        OPENAI_BASE_URL=model.base_url,
        OPENAI_API_KEY="sk-secret",
        ASSISTANT_NEW_CONTACT="lifecyclestage=lead, ejer=Sofie",
        ASSISTANT_OWNER="Sofie Lind",
    )
    assert (said.status, said.levels()) == (0, {"ok"}), said.text
    assert "All is well." in said.text
    assert "sk-secret" not in said.text
    assert "lifecyclestage=lead, hubspot_owner_id=77040101" in said.sentence("Defaults")
    assert "Sofie Lind owns" in said.sentence("Owner")
    assert "Europe/Copenhagen" in said.sentence("Account")
    assert "per 10 seconds" in said.sentence("Calls")
    assert crm.writes() == []
    assert [request.last["role"] for request in model.requests] == ["user", "tool"]


def test_an_owner_whom_nobody_knows(live: dict[str, str]) -> None:
    """An ASSISTANT_OWNER that is none of HubSpot's owners is a problem."""
    said = doctor(**live, ASSISTANT_OWNER="Nobody Here")
    assert "“Nobody Here” in ASSISTANT_OWNER is none of the owners" in said.text


def test_nothing_configured_is_the_demo(folder: Path) -> None:
    """Without a token the embedded sandbox is started and asked."""
    said = doctor(ASSISTANT_DATABASE_URL=f"sqlite:///{folder}")
    assert (said.status, said.levels()) == (0, {"ok"}), said.text
    assert "its own sandbox" in said.sentence("Sandbox")
    assert "rule-based" in said.sentence("Language model")


@pytest.mark.parametrize("token", ["pat-eu1\n-sandbox", "pat-eu1 -sandbox", "pat-eu1-sandb€x"])
def test_a_token_that_was_copied_badly(live: dict[str, str], token: str) -> None:
    """A token that cannot be sent at all is told as such, not as a HubSpot that does not answer."""
    said = doctor(**live | {"HUBSPOT_ACCESS_TOKEN": token})
    assert (said.status, said.level("Access token")) == (1, "PROBLEM")
    assert "Copy it" in said.sentence("Access token")


def test_a_token_that_is_refused(live: dict[str, str]) -> None:
    """401 says where a new key is made."""
    said = doctor(**live | {"HUBSPOT_ACCESS_TOKEN": "pat-wrong"})
    assert (said.status, said.level("Access token")) == (1, "PROBLEM")
    assert "Service Key" in said.sentence("Access token")
    assert "pat-wrong" not in said.text


@pytest.mark.parametrize(
    ("lacking", "check", "level", "status"),
    [
        ("crm.objects.contacts.read", "Access token", "PROBLEM", 1),
        ("crm.objects.contacts.write", "Right to write", "PROBLEM", 1),
        ("crm.objects.owners.read", "Owners", "warning", 0),
        ("oauth", "Account", "warning", 0),
    ],
)
def test_a_missing_scope_is_named(
    live: dict[str, str], crm: Sandbox, lacking: str, check: str, level: str, status: int
) -> None:
    """Each scope that the token lacks is named at the check that needs it, and nothing is written to find out."""
    every = {"crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.owners.read", "oauth"}
    crm.control("POST", "scopes", {"scopes": sorted(every - {lacking})})
    said = doctor(**live)
    assert (said.status, said.level(check)) == (status, level), said.text
    assert lacking in said.sentence(check)
    assert crm.writes() == []


def test_read_only_needs_no_right_to_write(live: dict[str, str], crm: Sandbox) -> None:
    """An assistant that only reads is not asked for the right to write."""
    crm.control("POST", "scopes", {"scopes": ["crm.objects.contacts.read", "crm.objects.owners.read", "oauth"]})
    said = doctor(**live, ASSISTANT_READ_ONLY="true")
    assert (said.status, said.level("Right to write")) == (0, "ok")


@pytest.mark.parametrize(
    ("url", "word"),
    [
        (f"http://127.0.0.1:{closed_port()}", "refuses the connection"),
        ("http://no-such-host.invalid", "cannot be looked up"),
    ],
    ids=["no server", "no host"],  # every worker of a parallel run knows a test by the same name
)
def test_nobody_there(live: dict[str, str], url: str, word: str) -> None:
    """A port where nothing listens and a name that is nobody's are told apart."""
    said = doctor(**live | {"HUBSPOT_API_URL": url})
    assert (said.status, said.level("Connection")) == (1, "PROBLEM")
    assert word in said.sentence("Connection")


def test_a_connection_that_cannot_be_secured(live: dict[str, str], crm: Sandbox) -> None:
    """Where HTTPS is asked for and something else answers, the certificate is to be looked at."""
    said = doctor(**live | {"HUBSPOT_API_URL": crm.url.replace("http://", "https://")})
    assert (said.status, said.level("Connection")) == (1, "PROBLEM")
    assert "certificate" in said.sentence("Connection")


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ({"status": 503}, "not HubSpot"),
        ({"status": 200, "html": "<html>Log in to the network</html>"}, "not HubSpot"),
        ({"drop": "before"}, "did not arrive"),
        ({"delay": 40}, "did not arrive"),
        ({"status": 429}, "asks for a pause"),
    ],
)
def test_a_hubspot_in_trouble(live: dict[str, str], crm: Sandbox, fault: dict[str, object], word: str) -> None:
    """A HubSpot that is down, slow, or hidden behind a page is told apart, in less than 30 seconds."""
    crm.fail(match=CONTACTS, times=None, **fault)
    said = doctor(**live)
    assert (said.status, said.level("Access token")) == (1, "PROBLEM"), said.text
    assert word in said.sentence("Access token")
    assert said.seconds < patiently(30)


def test_properties_that_are_missing(live: dict[str, str], crm: Sandbox) -> None:
    """A portal without the properties that the assistant shows is a problem that names them."""
    crm.fail(match={"path_contains": "/properties/contacts"}, times=None, body={"results": [definition("email")]})
    said = doctor(**live)
    assert (said.status, said.level("Properties")) == (1, "PROBLEM"), said.text
    assert "jobtitle" in said.sentence("Properties")


def definition(name: str) -> dict[str, object]:
    texts = dict.fromkeys(("label", "description", "groupName"), name)
    return {"name": name, "type": "string", "fieldType": "text", "options": [], **texts}


def test_defaults_that_do_not_fit(live: dict[str, str]) -> None:
    """Each wrong default is a problem with what it could have been."""
    said = doctor(**live, ASSISTANT_NEW_CONTACT="lifecyclestage=Superhelt, stillling=CFO, hs_marketable_status=true")
    assert said.status == 1
    assert "Customer" in said.text
    assert "jobtitle" in said.text
    assert "“hs_marketable_status=true” in ASSISTANT_NEW_CONTACT names a property that cannot be written" in said.text


def test_a_clock_that_is_wrong(live: dict[str, str]) -> None:
    """A clock that differs from HubSpot's by more than a minute is a warning."""
    with dated(lambda: "Sun, 09 Sep 2001 01:46:40 GMT") as url:
        said = doctor(**live | {"HUBSPOT_API_URL": url})
    assert said.level("Clock") == "warning", said.text
    assert re.search(r"[\d,]{11} seconds ahead", said.sentence("Clock"))


def test_calls_that_are_nearly_used_up(live: dict[str, str], crm: Sandbox) -> None:
    """When few of the day's calls are left, that is a warning."""
    crm.fail(match=CONTACTS, times=None, headers={"X-HubSpot-RateLimit-Daily-Remaining": "17"})
    said = doctor(**live)
    assert (said.status, said.level("Calls")) == (0, "warning"), said.text
    assert "17" in said.sentence("Calls")

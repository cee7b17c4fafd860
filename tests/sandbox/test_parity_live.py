"""``--live --portal ID``: which portal the parity tests agree to write to, shown with a sandbox in HubSpot's place."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.children import ROOT, SANDBOX_TOKEN, Sandbox, clean_environment, running_sandbox
from support.patience import patiently
from support.portals import NotAllowed, live_portal

HERE = Path(__file__).parent
PORTAL = "143000001"
ONE_FILE = ["tests/sandbox/test_parity_objects.py"]
ALL_FILES = sorted(
    str(path.relative_to(ROOT))
    for path in HERE.glob("test_parity_*.py")
    if path.stem not in ("test_parity_live", "test_parity_node")
)


@pytest.fixture(scope="module")
def hubspot() -> Iterator[Sandbox]:
    """A portal with nothing in it, whose search index lags behind a little."""
    with running_sandbox("--db", ":memory:", "--search-lag", "0.2") as sandbox:
        yield sandbox


def parity(sandbox: Sandbox, files: list[str], *options: str) -> tuple[int, str]:
    """The parity tests in a process of their own, as an operator runs them: exit status and what was printed."""
    environment = clean_environment(HUBSPOT_ACCESS_TOKEN=SANDBOX_TOKEN, HUBSPOT_API_URL=sandbox.url)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files, *options]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=patiently(100), check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_parity_refuses_a_real_account(hubspot: Sandbox) -> None:
    """In an account that is no developer test account the parity tests end at once, say why, and write nothing."""
    hubspot.control("POST", "account", {"accountType": "STANDARD"})
    hubspot.forget()
    status, printed = parity(hubspot, ONE_FILE, "--live", "--portal", PORTAL)
    assert status == pytest.ExitCode.USAGE_ERROR
    assert f"Account {PORTAL} is of type STANDARD; the parity tests write to DEVELOPER_TEST accounts only." in printed
    assert [call["path"] for call in hubspot.requests()] == ["/account-info/v3/details"]


@pytest.mark.parametrize(
    ("wanted", "token", "sentence"),
    [
        ("1", SANDBOX_TOKEN, f"--portal says 1, but the token belongs to account {PORTAL}; nothing was written."),
        (PORTAL, "pat-eu1-wrong", "The account behind HUBSPOT_ACCESS_TOKEN could not be checked"),
        (PORTAL, " ", "--portal needs HUBSPOT_ACCESS_TOKEN"),
    ],
    ids=["another-id", "wrong-token", "no-token"],
)
def test_parity_needs_the_right_account(
    hubspot: Sandbox, monkeypatch: pytest.MonkeyPatch, wanted: str, token: str, sentence: str
) -> None:
    """A developer test account is refused too where its id is not the given one, or cannot be asked for."""
    hubspot.control("POST", "account", {"accountType": "DEVELOPER_TEST"})
    monkeypatch.setenv("HUBSPOT_API_URL", hubspot.url)
    monkeypatch.setenv("HUBSPOT_ACCESS_TOKEN", token)
    with pytest.raises(NotAllowed) as refusal:
        live_portal(wanted)
    assert str(refusal.value).startswith(sentence)


def test_parity_portal_needs_live(hubspot: Sandbox) -> None:
    """The id of a portal without the flag for live tests is refused at once."""
    status, printed = parity(hubspot, ONE_FILE, "--portal", PORTAL)
    assert status == pytest.ExitCode.USAGE_ERROR and "--portal needs --live." in printed


def test_parity_leaves_nothing_behind(hubspot: Sandbox) -> None:
    """In a developer test account all parity tests run, but for what cannot be undone, and leave it as it was."""
    hubspot.control("POST", "reset", {"seed": "demo"})
    hubspot.control("POST", "account", {"accountType": "DEVELOPER_TEST"})
    hubspot.forget()
    hubspot.control("DELETE", "writes")
    before = everything(hubspot)
    status, printed = parity(hubspot, ALL_FILES, "--live", "--portal", PORTAL)
    assert status == 0, printed
    assert "live: a merge cannot be undone" in printed and " failed" not in printed
    assert everything(hubspot) == before
    called = {call["path"].partition("?")[0] for call in hubspot.requests()}
    assert called >= {"/crm/v3/objects/contacts/search", "/crm/objects/2026-09/contacts/search"}
    writes = hubspot.writes()
    assert len(writes) > 100 and {each["method"] for each in writes} & {"MERGE", "GDPR-DELETE"} == set()
    assert {each["objectId"] for each in writes if each["method"] == "POST"} == {
        each["objectId"] for each in writes if each["method"] == "DELETE"
    }


def everything(sandbox: Sandbox) -> dict[str, list[str]]:
    """What an account holds: ids of live records, names of properties."""
    found = {
        kind: [each["id"] for each in sandbox.http.get(f"/crm/v3/objects/{kind}?limit=100").json()["results"]]
        for kind in ("contacts", "companies", "notes", "tasks")
    }
    properties = sandbox.http.get("/crm/v3/properties/contacts").json()["results"]
    return found | {"properties": [each["name"] for each in properties]}

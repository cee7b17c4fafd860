"""A second opinion: the sandbox driven by HubSpot's official Node client, installed from its lock file."""

import json
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

import pytest

from support.children import ROOT, SANDBOX_TOKEN, clean_environment, running_sandbox
from support.needs import node, npm
from support.patience import patiently

PACKAGE = Path(__file__).parent / "node"
LOCK = PACKAGE / "package-lock.json"
MANIFEST = ("package.json", "package-lock.json", ".npmrc")
UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "ETIMEDOUT")
STEPS = [
    "create", "read", "readWithHistory", "update", "refusals", "batches", "list",
    "search", "associations", "schema", "merge", "purge", "archive",
]  # fmt: skip


def installed() -> Path:
    """The folder that holds the client as the lock file has it: made once under ``var/``, complete or not there."""
    mark = sha256(b"".join((PACKAGE / name).read_bytes() for name in MANIFEST)).hexdigest()[:16]
    folder = ROOT / "var" / "node" / mark
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(dir=folder.parent, prefix="new-"))
    try:
        for name in MANIFEST:
            shutil.copy(PACKAGE / name, fresh)
        command = [npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retry-mintimeout=1000"]
        done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, timeout=patiently(180), check=False)
        if any(code in done.stderr for code in UNREACHABLE):
            pytest.skip("needs the packages of the Node client, and npm cannot reach its registry")
        assert done.returncode == 0, done.stderr
        try:
            fresh.rename(folder)
        except OSError:  # another run was first
            assert folder.exists()
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


@pytest.mark.timeout(300)
def test_the_node_client_agrees(tmp_path: Path) -> None:
    """HubSpot's Node client creates, reads, searches, batches, merges and removes contacts on the sandbox."""
    program, client = node(), installed()
    # a module finds its packages beside itself
    shutil.copy(PACKAGE / "drive.mjs", tmp_path)
    (tmp_path / "node_modules").symlink_to(client / "node_modules")
    with running_sandbox("--db", ":memory:", "--seed", "none") as sandbox:
        environment = clean_environment(HUBSPOT_ACCESS_TOKEN=SANDBOX_TOKEN, HUBSPOT_API_URL=sandbox.url)
        command = [program, str(tmp_path / "drive.mjs")]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=patiently(60), check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == STEPS
        methods = [write["method"] for write in sandbox.writes()]
    assert {"POST", "PATCH", "MERGE", "GDPR-DELETE", "DELETE"} <= set(methods)


def test_the_node_lock_names_versions_and_hashes_only() -> None:
    """Every package of the Node lock has a version and an integrity hash, and none says where it came from."""
    packages = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    del packages[""]
    assert all(each.keys() >= {"version", "integrity"} and "resolved" not in each for each in packages.values())
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
    assert re.search(r"regist|npmjs|file:|/tmp|/home|/root", LOCK.read_text(encoding="utf-8")) is None


def test_the_node_client_is_pinned() -> None:
    """The Node package depends on one exact version of the client, and that one is in the lock."""
    wanted = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    assert list(wanted) == ["@hubspot/api-client"]
    assert locked["node_modules/@hubspot/api-client"]["version"] == wanted["@hubspot/api-client"]

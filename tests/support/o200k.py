"""The real o200k encoding, offline: rebuilt from the npm package js-tiktoken and checked against tiktoken's own hash.

tiktoken itself would fetch its table from a host that is not a package registry, without a timeout.
"""

import base64
import functools
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import tiktoken

from support.patience import patiently

CACHE = Path(__file__).resolve().parents[2] / "var" / "tiktoken"
PACKAGE = "js-tiktoken@1.0.21"
INTEGRITY = "biOj/6M5qdgx5TKjDnFT1ymSpM5tbd3ylwDtrQvFQSu0Z7bBYko2dF+W/aUkXUPuk6IVpRxk/3Q2sHOzGlS36g=="
MEMBER = "package/dist/ranks/o200k_base.js"
TABLE_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
# tiktoken looks for the SHA-1 of the address it would fetch the table from
TABLE_NAME = "fb374d419588a4632f3f557e76b4b70aebbca790"

PER_MESSAGE = 3
PER_REPLY = 3


class Unobtainable(RuntimeError):
    """The table cannot be had here; the message is a sentence."""


def _pack(folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise Unobtainable("needs Node.js: npm is not installed, and the o200k table comes from an npm package")
    command = [npm, "pack", PACKAGE, "--silent", "--pack-destination", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=patiently(90), cwd=folder, check=False)
    except subprocess.TimeoutExpired:
        raise Unobtainable("needs npm's registry, which did not answer within 90 s") from None
    archive = folder / (PACKAGE.replace("@", "-") + ".tgz")
    if done.returncode or not archive.exists():
        raise Unobtainable("needs npm's registry, which could not be reached")
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != INTEGRITY:
        raise ValueError(f"{PACKAGE} is not the package that was expected: sha512-{found}")
    return archive


def table(ranks: str) -> bytes:
    """tiktoken's file (token, rank per line) from js-tiktoken's: lines of a first rank and the tokens from there on."""
    tokens: dict[int, str] = {}
    for line in filter(None, ranks.split("\n")):
        _, first, *run = line.split(" ")
        tokens.update(enumerate(run, int(first)))
    return "".join(f"{token} {rank}\n" for rank, token in sorted(tokens.items())).encode()


def _build(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, tarfile.open(_pack(Path(folder))) as archive:
        member = archive.extractfile(MEMBER)
        assert member is not None
        source = member.read().decode().removeprefix("export default ").rstrip().rstrip(";")
    content = table(json.loads(source)["bpe_ranks"])
    if (found := hashlib.sha256(content).hexdigest()) != TABLE_SHA256:
        raise ValueError(f"the o200k table is not the one that tiktoken expects: sha256 {found}")
    unfinished = target.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(target)


@functools.cache
def encoding() -> tiktoken.Encoding:
    """The o200k encoding; raises Unobtainable with a sentence where npm is missing or cannot be reached."""
    target = CACHE / TABLE_NAME
    if not target.exists():
        _build(target)
    os.environ["TIKTOKEN_CACHE_DIR"] = str(CACHE)
    return tiktoken.get_encoding("o200k_base")


def encoding_or_skip() -> tiktoken.Encoding:
    """The same for tests: they skip and say so."""
    try:
        return encoding()
    except Unobtainable as error:
        pytest.skip(str(error))


def count(text: str) -> int:
    """Tokens of a text."""
    return len(encoding().encode(text, disallowed_special=()))


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def count_message(message: Mapping[str, Any]) -> int:
    """Tokens of one message: 3 around it, its role, its name, its text, and the names and arguments of its calls."""
    content = message.get("content") or ""
    parts = [content] if isinstance(content, str) else [part.get("text", "") for part in content]
    parts += [message["role"], message.get("name") or ""]
    for call in message.get("tool_calls") or ():
        parts += [call["function"]["name"], call["function"]["arguments"]]
    return PER_MESSAGE + sum(map(count, parts))


def count_request(messages: Iterable[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]] | None = None) -> int:
    """Input tokens of a chat request.

    Messages follow the formula of OpenAI's cookbook: 3 tokens around each, and 3 that open the answer. Tools are
    counted as the compact JSON that is sent. A model sees them in a shorter rendering whose form is published for
    flat schemas only, so this counts too many rather than too few, and the same for everyone who is compared.
    """
    return PER_REPLY + sum(map(count_message, messages)) + (count(_compact(tools)) if tools else 0)

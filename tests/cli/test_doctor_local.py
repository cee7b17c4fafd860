"""``make doctor`` about this machine and the language model: settings, folder and files, one tiny turn."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from support.doctor import closed_port, doctor
from support.fake_openai import FakeOpenAI
from support.openai_servers import refuses, wants_signatures
from support.openai_wire import Reply, ToolCall, calls, says
from support.patience import patiently


def test_it_speaks_danish(folder: Path) -> None:
    """The operator's language is the setting's, else that of the terminal, else Danish."""
    wrong = {"HUBSPOT_API_URL": "ftp://x", "HUBSPOT_ACCESS_TOKEN": "t"}
    assert "PROBLEM   Indstillinger" in doctor(**wrong, ASSISTANT_LANGUAGE="da").text
    for locale, word in (("en_GB.UTF-8", "Settings"), ("da_DK.UTF-8", "Indstillinger"), ("C", "Indstillinger")):
        assert word in doctor(**wrong, ASSISTANT_LANGUAGE="auto", LC_ALL=locale).text


def test_a_wrong_setting_is_told_without_its_value() -> None:
    """Settings that cannot be used are named, and what they hold is not printed."""
    said = doctor(HUBSPOT_ACCESS_TOKEN="pat-secret", HUBSPOT_API_URL="ftp://x", ASSISTANT_REGION="secret-place")
    assert said.status == 1
    assert "ASSISTANT_REGION" in said.sentence("Settings")
    assert "secret" not in said.text


def test_a_misspelt_setting_is_a_warning(live: dict[str, str]) -> None:
    """A variable that nobody reads is named; the assistant can run."""
    said = doctor(**live, ASSISTANT_REGON="SE")
    assert (said.status, said.level("Settings")) == (0, "warning")
    assert "ASSISTANT_REGON" in said.sentence("Settings")


def test_a_region_that_does_not_exist(live: dict[str, str]) -> None:
    """A region without phone numbers is a problem: every number would be refused."""
    said = doctor(**live, ASSISTANT_REGION="XX")
    assert (said.status, said.level("Settings")) == (1, "PROBLEM")
    assert "XX" in said.sentence("Settings")


def test_prompts_that_do_not_fit(live: dict[str, str], tmp_path: Path) -> None:
    """An override that the strict loader refuses is a problem, told in our own words."""
    (tmp_path / "da").mkdir()
    (tmp_path / "da" / "own.ftl").write_text("no-such-sentence = x\n", "utf-8")
    said = doctor(**live, ASSISTANT_PROMPTS_DIR=str(tmp_path))
    assert (said.status, said.level("Settings")) == (1, "PROBLEM")
    assert "no-such-sentence" in said.sentence("Settings")


@pytest.mark.parametrize(
    ("reply", "level", "word"),
    [
        (Reply(status=401, text="no"), "PROBLEM", "OPENAI_API_KEY"),
        (Reply(status=404, text="no such model"), "PROBLEM", "OPENAI_MODEL"),
        (Reply(fault="html"), "PROBLEM", "OPENAI_BASE_URL"),
        (Reply(fault="stall", text="I am"), "PROBLEM", "in time"),
        (Reply(status=422, text="tools are not permitted"), "PROBLEM", "tool calls"),
        (calls(ToolCall("look_up", "thing")), "PROBLEM", "cannot be read"),
        (says("<tool_call>look it up</tool_call>"), "PROBLEM", "cannot be read"),
        (says("<think>Which house?"), "PROBLEM", "empty answer"),
        (says("", finish_reason="length"), "PROBLEM", "limit of length"),
        (says("It is yellow."), "warning", "did not call a tool"),
    ],
)
def test_a_model_in_trouble(folder: Path, model: FakeOpenAI, reply: Reply, level: str, word: str) -> None:
    """A model that refuses the key, does not exist, is none, is silent, or calls no tools, is told apart."""
    model.play(lambda request: reply)
    said = doctor(
        ASSISTANT_DATABASE_URL=f"sqlite:///{folder}",
        OPENAI_BASE_URL=model.base_url,
        OPENAI_API_KEY="sk-secret",
        ASSISTANT_MODEL_SECONDS=f"{patiently(3):g}",
    )
    assert (said.level("Language model"), said.status) == (level, int(level == "PROBLEM")), said.text
    assert word in said.sentence("Language model")
    assert said.seconds < patiently(30)
    assert "sk-secret" not in said.text


@pytest.mark.parametrize(
    ("second", "word"),
    [
        (Reply(status=400, text="Unexpected role 'tool'"), "refuses the result"),
        (Reply(fault="mute"), "not in time"),
        (says(""), "no answer came"),
    ],
)
def test_a_model_that_does_not_take_a_tools_result(folder: Path, model: FakeOpenAI, second: Reply, word: str) -> None:
    """A server that lets the model call tools and fails at their results is a problem: each search would fail."""
    call = calls(ToolCall("look_up", {"thing": "house"}))
    model.script = lambda request: second if request.last["role"] == "tool" else call
    said = doctor(
        ASSISTANT_DATABASE_URL=f"sqlite:///{folder}",
        OPENAI_BASE_URL=model.base_url,
        ASSISTANT_MODEL_SECONDS=f"{patiently(3):g}",
    )
    assert (said.level("Language model"), said.status) == ("PROBLEM", 1), said.text
    assert word in said.sentence("Language model")
    assert said.seconds < patiently(30)


def test_a_server_with_ways_of_its_own_is_no_trouble(folder: Path, model: FakeOpenAI) -> None:
    """What the assistant gets along with is ok here too: a signed call, and a body that must be smaller."""
    signed = {"extra_content": {"google": {"thought_signature": "c2ln"}}}
    model.guard = lambda request: wants_signatures(request) or refuses("stream_options")(request)
    model.play([calls(ToolCall("look_up", {"thing": "house"}, own=signed)), says("Yellow.")])
    said = doctor(ASSISTANT_DATABASE_URL=f"sqlite:///{folder}", OPENAI_BASE_URL=model.base_url)
    assert (said.level("Language model"), said.status) == ("ok", 0), said.text


def test_a_slow_model_is_given_the_time_that_is_set(folder: Path, model: FakeOpenAI) -> None:
    """With ASSISTANT_MODEL_SECONDS the check waits as long as a call in the chat would."""
    model.play(lambda request: Reply(fault="mute"))
    said = doctor(
        ASSISTANT_DATABASE_URL=f"sqlite:///{folder}", OPENAI_BASE_URL=model.base_url, ASSISTANT_MODEL_SECONDS="1"
    )
    assert "ASSISTANT_MODEL_SECONDS" in said.sentence("Language model")
    assert said.seconds < patiently(10)


def test_a_model_that_nobody_serves(folder: Path) -> None:
    """A base URL where nothing listens is a problem."""
    url = f"http://127.0.0.1:{closed_port()}/v1"
    said = doctor(ASSISTANT_DATABASE_URL=f"sqlite:///{folder}", OPENAI_BASE_URL=url)
    assert said.level("Language model") == "PROBLEM"
    assert "no connection" in said.sentence("Language model")


def test_a_folder_that_others_may_read(live: dict[str, str], folder: Path) -> None:
    """Conversations in a folder that is open to others are a warning with the way to close it."""
    folder.chmod(0o755)
    said = doctor(**live)
    assert (said.status, said.level("Database")) == (0, "warning")
    assert "chmod 700" in said.sentence("Database")


@pytest.mark.parametrize("name", ["ledger.db", "conversations.db", "chat.db"])
def test_a_file_that_is_no_database(live: dict[str, str], folder: Path, name: str) -> None:
    """A database that cannot be read is named, and stays as it is."""
    (folder / name).write_bytes(b"not a database, but long enough to be taken for one" * 50)
    before = (folder / name).read_bytes()
    said = doctor(**live)
    assert (said.status, said.level("Database")) == (1, "PROBLEM")
    assert name in said.sentence("Database")
    assert (folder / name).read_bytes() == before


def test_a_database_that_somebody_holds(live: dict[str, str], folder: Path) -> None:
    """A database that another program has locked is a problem."""
    with closing(sqlite3.connect(folder / "ledger.db", isolation_level=None)) as holder:
        holder.execute("create table t (x)")
        holder.execute("begin exclusive")
        said = doctor(**live)
    assert (said.status, said.level("Database")) == (1, "PROBLEM")
    assert "locked" in said.sentence("Database")


def test_a_folder_that_cannot_be_written(live: dict[str, str]) -> None:
    """A folder that nobody can write into, whatever the rights of this user, is a problem."""
    said = doctor(**live | {"ASSISTANT_DATABASE_URL": "sqlite:////proc"})
    assert (said.status, said.level("Database")) == (1, "PROBLEM")


def test_a_file_in_the_place_of_the_folder(live: dict[str, str], tmp_path: Path) -> None:
    """Where the folder can never be made, the place is named."""
    (tmp_path / "file").write_text("x")
    said = doctor(**live | {"ASSISTANT_DATABASE_URL": f"sqlite:///{tmp_path}/file/kept"})
    assert (said.status, said.level("Database")) == (1, "PROBLEM")
    assert "cannot be made" in said.sentence("Database")

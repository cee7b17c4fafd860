"""Options and rules for every test."""

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

from support import patience
from support.children import Sandbox, running_sandbox
from support.fake_openai import FakeOpenAI
from support.needs import skip_is_failure
from support.noticed import remember, soonest_first
from support.survivors import is_explained

MOST_WORKERS = 6
# by the clock nothing fails: a busy machine is no fault of what is tested
hypothesis.settings.register_profile(
    "tests", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("tests")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--live", action="store_true", help="run the tests that call a real service")
    parser.addoption("--portal", metavar="ID", help="with --live: the developer test account for the parity tests")
    parser.addoption("--proofs", action="store_true", help="run the long proofs, and nothing else")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--portal") and not config.getoption("--live"):
        raise pytest.UsageError("--portal needs --live.")


@pytest.hookimpl(optionalhook=True)  # without pytest-xdist nobody asks
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Return two workers more than there are cores, and six at most: most tests wait most of the time.

    Proofs, mutants, live tests and single files run in one process, without workers (0).
    """
    alone = any(map(config.getoption, ("--proofs", "--live"))) or "MUTANT_UNDER_TEST" in os.environ
    if alone or any(".py" in argument for argument in config.args):
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST_WORKERS, cores + 2)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    _be_patient(config, items)
    mutant = os.environ.get("MUTANT_UNDER_TEST", "")
    if "__mutmut_" in mutant:
        soonest_first(mutant, items)
        if is_explained(mutant):  # it would take every test there is, to survive once more
            pytest.exit("known to survive", returncode=0)
    proofs = config.getoption("--proofs")
    left_out = [item for item in items if (item.get_closest_marker("proof") is not None) != proofs]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
    # a fresh clone takes longest: if it were begun last, all workers would wait for it
    items.sort(key=lambda item: item.path.parent != Path(__file__).parent)
    if config.getoption("--live"):
        return
    for item in items:
        if item.get_closest_marker("live"):
            item.add_marker(pytest.mark.skip(reason="live: runs only with --live"))


def pytest_collection_finish() -> None:
    # modules and tests stay until the end: the collector would go through all of them again and again
    gc.collect()
    gc.freeze()


def _be_patient(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Raises the timeout of every test by the factor of ``ASSISTANT_TEST_PATIENCE``."""
    for item in items if patience.FACTOR != 1 else ():
        own = item.get_closest_marker("timeout")
        seconds = float(own.args[0] if own else config.getini("timeout"))
        item.add_marker(pytest.mark.timeout(patience.patiently(seconds)), append=False)


def _fail_hidden_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if skip_is_failure(reason):
        report.outcome = "failed"
        report.longrepr = f"skipped, which hides a failure here: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_hidden_skip(report)
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed and "__mutmut_" in (mutant := os.environ.get("MUTANT_UNDER_TEST", "")):
        remember(mutant, report.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_hidden_skip(report)
    return report


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    """One sandbox for all tests of graph and browser; they reset it through ``crm``."""
    with running_sandbox("--db", ":memory:") as running:
        yield running


@pytest.fixture(scope="session")
def shared_model() -> Iterator[FakeOpenAI]:
    """One OpenAI-compatible server for all tests; they start it anew through ``fake_model``."""
    with FakeOpenAI() as running:
        yield running


@pytest.fixture
def fake_model(shared_model: FakeOpenAI) -> Iterator[FakeOpenAI]:
    """An OpenAI-compatible server whose script the test writes."""
    yield shared_model
    shared_model.forget()


@pytest.fixture
def crm(shared_sandbox: Sandbox) -> Sandbox:
    """The sandbox with the demo's contacts, its logs empty."""
    shared_sandbox.reset()
    return shared_sandbox

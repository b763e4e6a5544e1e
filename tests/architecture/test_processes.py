"""One process, one file, one page, one place in the worker's list, one folder of recorded histories."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def decorators(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    called = [item.func if isinstance(item, ast.Call) else item for item in node.decorator_list]
    return {ast.unparse(item) for item in called}


def workflows() -> dict[str, tuple[str, ast.ClassDef]]:
    """The file and class of every workflow, by the class's name."""
    return {
        node.name: (path.stem, node)
        for path in sorted((ROOT / "workflows").glob("*.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and "workflow.defn" in decorators(node)
    }


WORKFLOWS = workflows()
PROCESSES = sorted(WORKFLOWS)


def snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def methods(name: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    _, node = WORKFLOWS[name]
    return [item for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("name", PROCESSES)
def test_the_file_is_named_after_the_process(name: str) -> None:
    assert WORKFLOWS[name][0] == snake_case(name)


@pytest.mark.parametrize("name", PROCESSES)
def test_state_is_there_before_the_first_signal_is(name: str) -> None:
    """An update can run before `run` does: state that `run` creates would be missing, or overwrite the update's."""
    marked = [method.name for method in methods(name) if "workflow.init" in decorators(method)]

    assert marked == ["__init__"]


@pytest.mark.parametrize("name", PROCESSES)
def test_a_page_tells_people_what_the_process_does(name: str) -> None:
    assert (ROOT / "docs" / "processes" / f"{snake_case(name)}.md").is_file()


@pytest.mark.parametrize("name", PROCESSES)
def test_the_worker_runs_it(name: str) -> None:
    assert re.search(rf"\b{name}\b", (ROOT / "worker.py").read_text())


@pytest.mark.parametrize("name", PROCESSES)
def test_recorded_histories_guard_its_running_orders(name: str) -> None:
    folder = ROOT / "tests" / "replay" / "histories" / snake_case(name)

    assert list(folder.glob("*.json"))


def test_no_page_and_no_history_is_of_a_process_that_is_gone() -> None:
    known = {snake_case(name) for name in PROCESSES}
    pages = {path.stem for path in (ROOT / "docs" / "processes").glob("*.md")}
    histories = {path.name for path in (ROOT / "tests" / "replay" / "histories").glob("*") if path.is_dir()}

    assert pages - known == set()
    assert histories - known == set()

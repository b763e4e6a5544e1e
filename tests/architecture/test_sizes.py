"""Files and functions stay small enough to be read at one sitting."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("activities", "api", "bench", "cli", "connectors", "db", "domain", "runtime", "sandbox", "workflows")
LONGEST_FILE, MEDIAN_FILE, LONGEST_FUNCTION = 400, 80, 60


def ours() -> list[Path]:
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return [path for path in [*files, *ROOT.glob("*.py")] if "migrations" not in path.parts]


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    long = {str(path.relative_to(ROOT)): lines(path) for path in ours() if lines(path) > LONGEST_FILE}

    assert long == {}


def test_the_usual_file_is_short() -> None:
    """Counted are the lines that there are to read: the formatter's blank ones are about a quarter of a file."""
    sizes = [sum(map(bool, path.read_text().split("\n"))) for path in ours() if path.name != "__init__.py"]

    assert statistics.median(sizes) <= MEDIAN_FILE


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{function.name}": function.end_lineno - function.lineno + 1
        for path in ours()
        for function in functions(path)
        if function.end_lineno and function.end_lineno - function.lineno + 1 > LONGEST_FUNCTION
    }

    assert long == {}


def test_every_module_says_in_a_sentence_what_one_finds_there() -> None:
    silent = [str(path.relative_to(ROOT)) for path in ours() if not ast.get_docstring(ast.parse(path.read_text()))]

    assert silent == []

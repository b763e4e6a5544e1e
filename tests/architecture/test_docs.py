"""What the documentation tells people to type exists, its links lead somewhere, and its example is accepted."""

import re
from importlib import import_module
from pathlib import Path

import pytest
import typer
import yaml

from cli.main import COMMANDS
from runtime.installation import read

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TEXT = {str(path.relative_to(ROOT)): path.read_text() for path in PAGES}
CODE = {page: "\n".join(re.findall(r"```\n.*?```|`[^`\n]+`", text, re.DOTALL)) for page, text in TEXT.items()}


@pytest.mark.parametrize("page", TEXT)
def test_every_make_target_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z][\w -]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    known = {name for line in targets for name in line.split()}

    assert set(re.findall(r"\bmake ([a-z][\w-]*)", CODE[page])) <= known


@pytest.mark.parametrize("page", TEXT)
def test_every_command_exists(page: str) -> None:
    typed = set(re.findall(r"\btutti ([a-z]+)\b(?: ([a-z][a-z-]*))?", CODE[page]))

    assert {" ".join(words).strip() for words in typed if not exists(*words)} == set()


@pytest.mark.parametrize("page", TEXT)
def test_every_link_leads_to_a_file(page: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", TEXT[page])

    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


def test_the_readme_is_read_at_one_sitting() -> None:
    assert len(TEXT["README.md"].splitlines()) <= 150


def test_the_installation_of_the_quickstart_is_accepted(tmp_path: Path) -> None:
    written = TEXT["docs/quickstart.md"].split("```yaml\n")[1].split("```")[0]
    file = tmp_path / "mine.yaml"
    file.write_text(written)

    assert set(read(file).model_dump()) >= set(yaml.safe_load(written))


def exists(command: str, word: str) -> bool:
    """The word after a command with several is one of them; after any other it is an argument."""
    if command not in COMMANDS:
        return False
    app: typer.Typer = import_module(f"cli.{command}").app
    names = {one.name or getattr(one.callback, "__name__", "") for one in app.registered_commands}
    return len(names) == 1 or word in {"", *names}

"""Pages that the API itself serves: they need nothing from the network but themselves."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


def render(template: str, **values: Any) -> str:
    """A page from a file in `templates`."""
    return _TEMPLATES.get_template(template).render(**values)


def serve_docs(app: FastAPI) -> None:
    """Show the API's description at `/docs`."""

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(render("docs.html", document=app.openapi()))

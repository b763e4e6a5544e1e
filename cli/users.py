"""`tutti users`: the people who may sign in, their roles, and the links that let them in."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from cli.client import CONSOLE, HubClient, show_json
from db.actors import Role
from runtime.errors import OperatorError

app = typer.Typer(help="The people who may sign in to the console, with their roles.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="The API's own answer.")]
Whom = Annotated[str, typer.Argument(metavar="USER", help="The user's e-mail address or id.")]


@app.command("list")
def list_users(*, as_json: AsJson = False) -> None:
    """All users, the disabled ones too."""
    with HubClient() as hub:
        found = hub.get("/users")
    if as_json:
        show_json(found)
        return
    table = Table("id", "name", "e-mail", "role", "last came", "", box=None)
    for user in found:
        came = (user["signed_in_at"] or "")[:16].replace("T", " ")
        table.add_row(
            user["id"], user["name"], user["email"], user["role"], came, "disabled" if user["disabled_at"] else ""
        )
    CONSOLE.print(table)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="As others will see it.")],
    email: Annotated[str, typer.Argument(help="What they sign in with.")],
    role: Annotated[Role, typer.Option()] = "viewer",
    *,
    as_json: AsJson = False,
) -> None:
    """Make a user, and the link that lets them in once to set a password."""
    with HubClient() as hub:
        user = hub.post("/users", {"name": name, "email": email, "role": role})
        link = hub.post(f"/users/{user['id']}/sign-in-link")
    if as_json:
        show_json({"user": user, "link": link})
        return
    CONSOLE.print(f"{user['id']} is made: {role}.")
    _show_link(link)


@app.command()
def role(user: Whom, role: Annotated[Role, typer.Argument()], *, as_json: AsJson = False) -> None:
    """Give another role; it holds at once."""
    _change(user, {"role": role}, f"has the role {role} from now on", as_json=as_json)


@app.command()
def disable(
    user: Whom,
    *,
    undo: Annotated[bool, typer.Option("--undo", help="Let them in again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Lock a user out; their sessions end at once."""
    _change(user, {"disabled": not undo}, "is let in again" if undo else "is locked out", as_json=as_json)


@app.command()
def link(user: Whom, *, as_json: AsJson = False) -> None:
    """A link that lets them in once and lets them set a new password; the one before is good no longer."""
    with HubClient() as hub:
        made = hub.post(f"/users/{_id_of(hub, user)}/sign-in-link")
    if as_json:
        show_json(made)
        return
    _show_link(made)


def _change(user: str, change: dict[str, Any], said: str, *, as_json: bool) -> None:
    with HubClient() as hub:
        changed = hub.send("PATCH", f"/users/{_id_of(hub, user)}", json=change)
    if as_json:
        show_json(changed)
        return
    CONSOLE.print(f"{changed['id']} {said}.")


def _id_of(hub: HubClient, user: str) -> str:
    """Addresses are looked for here: they must not stand in an address that a proxy may log."""
    if "@" not in user:
        return user
    for known in hub.get("/users"):
        if known["email"].lower() == user.strip().lower():
            return str(known["id"])
    raise OperatorError(f"there is no user with the address {user}; `tutti users list` shows all")


def _show_link(link: dict[str, Any]) -> None:
    CONSOLE.print(f"Pass this on (good once, until {link['expires_at'][:16].replace('T', ' ')} UTC):")
    CONSOLE.print(link["address"], soft_wrap=True, highlight=False)

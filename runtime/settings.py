"""Every setting of the hub: what the environment may say, and what holds when it says nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from db.actors import ROLES, Role
from runtime.errors import OperatorError

Port = Annotated[int, Field(ge=0, le=65535)]


class SettingError(OperatorError):
    """The environment says what no setting can be."""


class Settings(BaseSettings):
    """Read from the environment (`TUTTI_…`, and `DATABASE_URL`); arguments win over the environment."""

    model_config = SettingsConfigDict(env_prefix="TUTTI_", frozen=True, populate_by_name=True, extra="forbid")

    environment: Literal["development", "production"] = Field("development", validation_alias="TUTTI_ENV")
    var: Path = Path("var")
    """Where everything that is not code lives: databases, keys, logs, reports."""
    config_file: Path = Field(Path("tutti.yaml"), validation_alias="TUTTI_CONFIG")

    database_url: str = Field("", validation_alias="DATABASE_URL")
    """An SQLAlchemy address; by default the SQLite file `tutti.db` in `var`."""
    sqlite_synchronous: Literal["FULL", "NORMAL"] = "FULL"
    """FULL: an acknowledged webhook survives a power cut; NORMAL: it survives a crash of the process only."""

    api_port: Port = 8000
    temporal_port: Port = 7233
    temporal_ui_port: Port = 8233
    sandbox_port: Port = 8900
    console_port: Port = 8080
    console_host: str = "127.0.0.1"
    console_api_url: str = ""
    """Where the console's process reaches the API; empty: this machine."""

    webhook_max_bytes: int = Field(2 * 1024 * 1024, gt=0)
    egress_allow: Annotated[tuple[str, ...], NoDecode] = ()
    """Host names that calls may reach although they resolve to a private address; separated by commas."""

    smtp_url: str = ""
    """`smtp://user:password@host:port`, or `smtps://`; empty: the hub writes no mail itself."""
    mail_from: str = "returns@example.com"
    alert_webhooks: Annotated[tuple[str, ...], NoDecode] = ()
    """`name=https://…` of Slack-compatible webhooks that alert rules may tell; separated by commas."""
    public_url: str = ""
    """Where people reach the hub, for links in messages; empty: the API's own address."""
    console_url: str = ""
    """Where people reach the console; empty: its own address."""
    temporal_ui_url: str = ""
    """Where people reach Temporal's UI; empty: its own address."""
    runbook_url: str = "docs/operations/runbook.md"

    session_idle_minutes: int = Field(120, ge=1)
    """A session that is not used for so long is over."""
    session_hours: int = Field(12, ge=1)
    """A session is over after so long, used or not."""
    password_sign_in: bool = True
    """False: people sign in through the OpenID provider, or by a link that an admin makes."""
    oidc_issuer: str = ""
    """`https://…` of the company's OpenID provider, as it calls itself; empty: none."""
    oidc_name: str = "your company's account"
    """What the button says after "Sign in with"."""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    """`env:NAME` or `file:PATH`, or the secret itself; empty for a public client."""
    oidc_role_claim: str = "groups"
    """Which claim says the role, in the id token or at the userinfo endpoint."""
    oidc_roles: Annotated[tuple[str, ...], NoDecode] = ()
    """`value=role` of that claim, separated by commas; empty: admins give the roles here."""
    oidc_default_role: Literal["", "viewer", "support", "operations", "admin"] = ""
    """Of whom the claim gives none; empty: they are not let in unless an admin made them a user."""
    oidc_domains: Annotated[tuple[str, ...], NoDecode] = ()
    """Of the e-mail addresses that are let in, separated by commas; empty: all."""
    oidc_trusts_email: bool = False
    """True: addresses count although the provider does not say `email_verified`, as Entra ID of one tenant does not."""

    retention_histories_days: int = Field(30, ge=1)
    retention_inbox_days: int = Field(30, ge=1)
    retention_effects_days: int = Field(180, ge=1)
    retention_decisions_days: int = Field(400, ge=1)

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    worker_metrics_address: str = ""
    """`host:port` at which the worker offers Temporal's own metrics to Prometheus; empty: it does not."""

    @field_validator("egress_allow", "alert_webhooks", "oidc_roles", "oidc_domains", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("var", "config_file")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("oidc_issuer")
    @classmethod
    def _proven_by_its_certificate(cls, value: str) -> str:
        address = urlsplit(value)
        if value and address.scheme != "https" and address.hostname not in {"127.0.0.1", "localhost"}:
            raise ValueError("an issuer's address begins with https://")
        return value

    @field_validator("oidc_roles")
    @classmethod
    def _names_roles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pair in value:
            if pair.rpartition("=")[2] not in ROLES:
                raise ValueError(f"{pair!r} does not end in =viewer, =support, =operations or =admin")
        return value

    def model_post_init(self, _context: object) -> None:
        if not self.database_url:
            # a frozen model is filled before anyone has seen it
            object.__setattr__(self, "database_url", f"sqlite:///{self.var / 'tutti.db'}")

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            wrong = (f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors())
            raise SettingError("; ".join(wrong)) from error

    @property
    def run_folder(self) -> Path:
        """What is true only while the stack runs: pids, ports, heartbeats."""
        return self.var / "run"

    @property
    def log_folder(self) -> Path:
        return self.var / "log"

    @property
    def key_file(self) -> Path:
        return self.var / "master.key"

    @property
    def sqlite_file(self) -> Path | None:
        """The hub's database file, or None when the database is a server."""
        scheme, _, path = self.database_url.partition(":///")
        return Path(path) if scheme.startswith("sqlite") else None

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    @property
    def oidc_role_of(self) -> dict[str, Role]:
        """The role that goes with each value of the claim."""
        pairs = (pair.rpartition("=") for pair in self.oidc_roles)
        return {value: cast("Role", role) for value, _, role in pairs}

    @property
    def console_address(self) -> str:
        """Where people reach the console."""
        return self.console_url.rstrip("/") or f"http://127.0.0.1:{self.console_port}"

    @property
    def temporal_ui_address(self) -> str:
        """Where people reach Temporal's UI."""
        return self.temporal_ui_url.rstrip("/") or f"http://127.0.0.1:{self.temporal_ui_port}"

    def environ(self) -> dict[str, str]:
        """These settings in the form in which a child process reads them again."""
        values = {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            key = str(field.validation_alias or f"TUTTI_{name.upper()}")
            values[key] = ",".join(value) if isinstance(value, tuple) else str(value)
        return values

    @classmethod
    def of_running_stack(cls) -> Self:
        """The settings with the ports that a running `tutti up` really took, for commands that talk to it."""
        settings = cls()
        try:
            ports = json.loads((settings.run_folder / "ports.json").read_text())
        except FileNotFoundError:
            return settings
        # a port that the caller names in the environment is a wish to reach that one
        taken = {f"{part}_port": port for part, port in ports.items() if f"TUTTI_{part.upper()}_PORT" not in os.environ}
        return settings.model_copy(update=taken)

"""docker-compose.yml: valid by the compose schema, without a secret in it, and of the same topology as `tutti up`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from runtime.embedded import DYNAMIC_CONFIG
from runtime.parts import PROJECT

FILE = PROJECT / "docker-compose.yml"
COMPOSE = yaml.safe_load(FILE.read_text())
SERVICES = COMPOSE["services"]


def test_is_valid_by_the_compose_schema() -> None:
    check = Path(sys.executable).with_name("check-jsonschema")

    done = subprocess.run(
        [check, "--builtin-schema", "vendor.compose-spec", FILE], check=False, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout


def test_has_no_default_for_a_secret() -> None:
    secrets = [
        value
        for service in SERVICES.values()
        for name, value in service.get("environment", {}).items()
        if name.endswith(("PASSWORD", "PWD", "KEY")) or name == "DATABASE_URL"
    ]

    assert len(secrets) >= 6
    assert [value for value in secrets if ":?" not in value] == []


def test_the_server_of_the_cluster_is_configured_as_the_embedded_one() -> None:
    content = yaml.safe_load(COMPOSE["configs"]["temporal-dynamic-config"]["content"])

    assert {key: json.dumps(values[0]["value"]) for key, values in content.items()} == DYNAMIC_CONFIG


@pytest.mark.parametrize("name", ["api", "worker"])
def test_the_hub_starts_only_on_migrated_databases_and_says_when_it_is_well(name: str) -> None:
    assert SERVICES[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_nothing_is_published_beyond_this_machine() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_image_holds_every_package_that_the_hub_runs() -> None:
    kept = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert {
        "activities",
        "api",
        "cli",
        "connectors",
        "console",
        "db",
        "domain",
        "runtime",
        "worker.py",
        "workflows",
    } <= kept


def test_the_image_installs_what_was_tested() -> None:
    pins = [
        {line.split(" ")[0] for line in (PROJECT / lock).read_text().splitlines() if "==" in line and line[0].isalnum()}
        for lock in ("requirements.runtime.lock", "requirements.lock")
    ]

    assert pins[0] < pins[1]

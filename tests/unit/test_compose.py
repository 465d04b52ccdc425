"""What docker-compose.yml and the Dockerfile promise, read from the files: no Docker engine is needed."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SERVICES = sorted(COMPOSE["services"])


def neo4j_settings() -> dict[str, str]:
    """The server's settings, as the image reads them: NEO4J_a_b__c is a.b_c."""
    environment = COMPOSE["services"]["neo4j"]["environment"]
    names = {name: name.removeprefix("NEO4J_") for name in environment if name != "NEO4J_AUTH"}
    return {
        new.replace("__", "\0").replace("_", ".").replace("\0", "_"): str(environment[old])
        for old, new in names.items()
    }


def test_it_is_neo4j_5_26_community_and_the_application() -> None:
    assert COMPOSE["services"]["neo4j"]["image"] == "neo4j:5.26-community"
    assert COMPOSE["services"]["passerelle"]["build"] == "."


@pytest.mark.parametrize("service", SERVICES)
def test_ports_are_on_the_loopback_interface(service: str) -> None:
    for port in COMPOSE["services"][service].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port), port


def test_bolt_is_published() -> None:
    assert "127.0.0.1:7687:7687" in COMPOSE["services"]["neo4j"]["ports"]


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_has_a_health_check_and_keeps_its_data_in_a_volume(service: str) -> None:
    found = COMPOSE["services"][service]
    assert found["healthcheck"]["test"]
    named = [volume.split(":")[0] for volume in found["volumes"] if not volume.startswith(("$", ".", "/"))]
    assert set(named) <= set(COMPOSE["volumes"])
    assert named


def test_the_application_waits_for_a_healthy_server() -> None:
    assert COMPOSE["services"]["passerelle"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}


def test_there_is_no_default_password() -> None:
    passwords = [
        (name, value)
        for service in COMPOSE["services"].values()
        for name, value in service["environment"].items()
        if re.search("auth|password|secret|token", name, re.IGNORECASE)
    ]
    assert len(passwords) == 2
    for _, value in passwords:
        # compose stops, saying so, where the variable is unset or empty
        assert re.fullmatch(r"(neo4j/)?\$\{NEO4J_PASSWORD:\?[^}]+\}", value)
    assert "PASSWORD" not in DOCKERFILE


def test_load_csv_is_off() -> None:
    settings = neo4j_settings()
    assert settings["dbms.security.allow_csv_import_from_file_urls"] == "false"
    assert settings["internal.dbms.cypher_ip_blocklist"] == "0.0.0.0/0,::/0"
    assert not any("import" in volume for volume in COMPOSE["services"]["neo4j"]["volumes"])


def test_the_server_has_the_memory_that_one_load_needs() -> None:
    assert neo4j_settings()["server.memory.heap.max_size"] == "1536m"


def test_the_image_checks_what_it_installs_and_runs_without_privileges() -> None:
    assert DOCKERFILE.splitlines()[1].startswith("FROM python:3.13-slim")
    assert "--require-hashes --requirement requirements.txt" in DOCKERFILE
    # nothing after USER runs as root
    assert DOCKERFILE.index("USER 10001") > DOCKERFILE.rindex("RUN ")
    assert 'ENTRYPOINT ["passerelle"]' in DOCKERFILE


def test_the_image_holds_every_package_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.split(".")[0] for name in project["tool"]["setuptools"]["packages"]}
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_through = {line[1:].rstrip("/") for line in rules if line.startswith("!")}
    assert packages <= let_through
    assert let_through <= packages | {"requirements.txt", "LICENSE", "NOTICE", "embeddings"}

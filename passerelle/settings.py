"""Every setting of Passerelle, read from the environment. Imports nothing of ours."""

from pathlib import Path
from typing import Any

import platformdirs
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_CHECKOUT = Path(__file__).resolve().parent.parent
#: the log of an AI system of high risk is kept at least so many months (Regulation (EU) 2024/1689, article 26, 6)
LEAST_RETENTION_MONTHS = 6


def _default_home() -> Path:
    # In a checkout everything that is built lies under it, so that removing the folder removes everything; an installed
    # package has no folder of its own that it may write to.
    if (_CHECKOUT / "pyproject.toml").is_file():
        return _CHECKOUT / "var"
    return platformdirs.user_data_path("passerelle")


def _default_records(given: dict[str, Any]) -> Path:
    return Path(given["home"]) / "records" / "records.sqlite"


class Settings(BaseSettings):
    """Settings, each from the environment variable of the same name (see docs/settings.md)."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True)

    #: directory of the published files; unset: ./data, ../shared/data, then the cache of ``passerelle fetch``
    data: Path | None = Field(default=None, validation_alias="PASSERELLE_DATA")
    #: ROME version to use when several lie side by side ("460"); unset: the newest
    rome_version: str | None = Field(default=None, validation_alias="PASSERELLE_ROME_VERSION")
    #: where builds, the embedded server's files and its password live
    home: Path = Field(default_factory=_default_home, validation_alias="PASSERELLE_HOME")
    #: where ``passerelle fetch`` keeps what it downloaded
    cache: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("passerelle"), validation_alias="PASSERELLE_CACHE"
    )
    #: a Neo4j server to use instead of the embedded one
    neo4j_uri: str | None = Field(default=None, validation_alias="NEO4J_URI")
    neo4j_user: str = Field(default="neo4j", validation_alias="NEO4J_USER")
    neo4j_password: SecretStr | None = Field(default=None, validation_alias="NEO4J_PASSWORD")
    #: seconds after which an analyst's Cypher query is stopped
    cypher_timeout_s: float = Field(default=10.0, gt=0, le=600, validation_alias="PASSERELLE_CYPHER_TIMEOUT_S")
    #: heap of the embedded graph server, in MiB
    embedded_heap_mib: int = Field(default=768, ge=256, le=65536, validation_alias="PASSERELLE_EMBEDDED_HEAP_MIB")
    #: the SQLite file of seekers, decisions, audit and keys
    records: Path = Field(default_factory=_default_records, validation_alias="PASSERELLE_RECORDS")
    #: whether offers are matched with people: off until somebody who answers for it says so
    matching: bool = Field(default=False, validation_alias="PASSERELLE_MATCHING")
    #: months after which audit and decisions are purged
    retention_months: int = Field(default=12, le=120, validation_alias="PASSERELLE_RETENTION_MONTHS")

    #: whom a person asks for the rules of the algorithm: name and address of the body, or of its service
    mention_contact: str | None = Field(
        default=None, min_length=3, max_length=200, validation_alias="PASSERELLE_MENTION_CONTACT"
    )

    #: where ``passerelle serve`` listens; anything but loopback asks for a key
    host: str = Field(default="127.0.0.1", min_length=1, validation_alias="PASSERELLE_HOST")
    port: int = Field(default=8000, ge=1, le=65535, validation_alias="PASSERELLE_PORT")
    #: processes that answer
    workers: int = Field(default=1, ge=1, le=64, validation_alias="PASSERELLE_WORKERS")
    #: requests a minute, of a key (or of an address without one), in each worker
    rate_per_minute: int = Field(default=600, ge=1, le=1_000_000, validation_alias="PASSERELLE_RATE_PER_MINUTE")
    #: wrong tokens a minute from an address, in each worker, after which the address waits
    failures_per_minute: int = Field(default=10, ge=1, le=10_000, validation_alias="PASSERELLE_FAILURES_PER_MINUTE")
    #: largest body of a request, in bytes
    body_bytes: int = Field(default=65_536, ge=1024, le=16_777_216, validation_alias="PASSERELLE_BODY_BYTES")
    #: requests that are answered at once by a worker, and those that may wait beside them: Python computes one at a
    #: time, so that a second one only makes use of what the first waits for the disk
    api_threads: int = Field(default=2, ge=1, le=256, validation_alias="PASSERELLE_API_THREADS")
    api_waiting: int = Field(default=128, ge=0, le=10_000, validation_alias="PASSERELLE_API_WAITING")
    #: origins whose pages may call the API from a browser, separated by commas; none: CORS is off
    cors_origins: str = Field(default="", validation_alias="PASSERELLE_CORS_ORIGINS")
    #: addresses of proxies whose X-Forwarded-For is believed, separated by commas
    trusted_proxies: str = Field(default="", validation_alias="PASSERELLE_TRUSTED_PROXIES")

    #: keys of France Travail's API "Offres d'emploi v2", from francetravail.io
    france_travail_client_id: SecretStr | None = Field(default=None, validation_alias="FRANCE_TRAVAIL_CLIENT_ID")
    france_travail_client_secret: SecretStr | None = Field(
        default=None, validation_alias="FRANCE_TRAVAIL_CLIENT_SECRET"
    )

    @field_validator("retention_months")
    @classmethod
    def _kept_long_enough(cls, months: int) -> int:
        if months < LEAST_RETENTION_MONTHS:
            raise ValueError(f"jamais moins de {LEAST_RETENTION_MONTHS} mois de conservation : donnez-en plus")
        return months

    @field_validator("mention_contact")
    @classmethod
    def _one_line(cls, contact: str | None) -> str | None:
        if contact is not None and not (contact.isprintable() and contact == contact.strip()):
            raise ValueError("une seule ligne, sans espace au bord : à qui s'adresser, et où")
        return contact

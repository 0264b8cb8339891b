"""What the operator may set, read once from the process environment."""

from __future__ import annotations

import secrets
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEMO_PASSWORD_HINT = "demo"  # noqa: S105 - the demo cast signs in by one click, never by this word


class Environment(BaseSettings):
    """``STELLWERK_*`` variables (and ``DATABASE_URL``); see docs/how-to/configure.md."""

    model_config = SettingsConfigDict(env_prefix="STELLWERK_", extra="ignore", env_ignore_empty=True)

    home: Path = Field(default_factory=lambda: Path.home() / ".stellwerk")
    debug: bool = False
    demo: bool = False
    secret_key: str = ""
    hosts: str = "localhost,127.0.0.1,[::1]"
    url: str = "http://127.0.0.1:8000"
    language: str = "de"
    time_zone: str = "Europe/Berlin"
    mail_host: str = ""
    mail_port: int = 25
    mail_user: str = ""
    mail_password: str = ""
    mail_tls: bool = False
    mail_from: str = "stellwerk@localhost"
    oidc_name: str = ""
    oidc_url: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_trust_mail: bool = False
    proxies: int = 0
    upload_limit_mb: int = 1024
    job_lease_seconds: float = 30
    log_level: str = "INFO"
    database_url: str = Field(default="", validation_alias="DATABASE_URL")

    @field_validator("home")
    @classmethod
    def absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    def key(self) -> str:
        """The signing key: from the environment, else created once in the data folder (mode 600)."""
        if self.secret_key:
            return self.secret_key
        file = self.home / "secret-key"
        if not file.exists():
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            new = file.with_suffix(".new")
            new.touch(mode=0o600)
            new.write_text(secrets.token_urlsafe(48), encoding="ascii")
            new.replace(file)
        return file.read_text(encoding="ascii").strip()

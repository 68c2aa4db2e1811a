"""Every setting of the service, read once from the environment (prefix `GREEN_`) and checked before anything starts."""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DEMO_SECRET = "green-tianshui-demo-secret-that-everybody-can-read"  # noqa: S105 -- production refuses it
SECRET_BYTES = 32


class Environment(StrEnum):
    """Where the service runs; only `production` is for real residents."""

    DEMO = "demo"
    PRODUCTION = "production"
    TEST = "test"


class SettingsError(Exception):
    """The settings do not allow a start; the text says what, where and how to mend it."""


class Settings(BaseSettings):
    """What an operator can set; `.env.example` explains each line and a test keeps the two equal."""

    model_config = SettingsConfigDict(env_prefix="GREEN_", env_file=".env", extra="ignore")

    env: Environment = Environment.DEMO
    data_dir: Path = Path("var")
    database_url: str | None = None
    database_pool: int = Field(default=8, ge=1, le=200)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    metrics_port: int = Field(default=8001, ge=0, le=65535)
    processes: int = Field(default=1, ge=1, le=64)
    inline_worker: bool = True
    storage_url: str | None = None
    storage_watermark: float = Field(default=0.9, gt=0, le=1)
    secret_key: SecretStr | None = None
    city: str = "tianshui"
    allowed_hosts: Annotated[list[str], NoDecode] = ["127.0.0.1", "localhost"]
    trusted_proxies: Annotated[list[str], NoDecode] = []
    sms_url: str | None = None
    sms_token: SecretStr | None = None
    sms_daily_budget: int = Field(default=5000, ge=1)
    sms_network_hourly: int = Field(default=20, ge=1)
    tile_url: str | None = None
    tile_attribution: str = ""
    log_level: str = "INFO"

    @field_validator("allowed_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _production_has_its_own_secret(self) -> Self:
        if self.env is not Environment.PRODUCTION:
            return self
        secret = self.secret_key.get_secret_value() if self.secret_key else ""
        if secret == DEMO_SECRET or len(secret.encode()) < SECRET_BYTES:
            raise ValueError(
                "GREEN_SECRET_KEY is missing, too short or the demo's. Make one with "
                "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'` and keep a copy off this machine: "
                "without it receipts, photos and sealed phone numbers cannot be opened again."
            )
        return self

    @property
    def is_demo(self) -> bool:
        """Whether sample people and messages to nobody are wanted."""
        return self.env is Environment.DEMO

    @property
    def secret(self) -> bytes:
        """The secret from which every key is derived."""
        return (self.secret_key.get_secret_value() if self.secret_key else DEMO_SECRET).encode()


@cache
def get_settings() -> Settings:
    """Read the settings once; raise `SettingsError` with one readable line for each mistake."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"  {'GREEN_' + str(part['loc'][0]).upper() if part['loc'] else 'settings'}: "
            f"{part['msg'].removeprefix('Value error, ')}"
            for part in error.errors(include_input=False, include_url=False)
        ]
        raise SettingsError("The service cannot start with these settings:\n" + "\n".join(lines)) from None

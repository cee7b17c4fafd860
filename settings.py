"""The configuration, read once from the environment by entry points only."""

import re
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

HUBSPOT_API_URL = "https://api.hubapi.com"
ROOT = Path(__file__).parent


class SettingsError(ValueError):
    """The environment says something that cannot be used; the message is a sentence for the operator."""


class Settings(BaseSettings):
    """Everything that can be configured. Nothing set: the demo on the embedded sandbox with the guided model."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env", extra="ignore", env_ignore_empty=True, populate_by_name=True
    )

    hubspot_access_token: SecretStr | None = None
    hubspot_api_url: str = HUBSPOT_API_URL
    hubspot_api_version: str = "v3"
    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    openai_model: str = "gpt-5-mini"
    language: Literal["auto", "da", "en"] = Field("auto", alias="ASSISTANT_LANGUAGE")
    region: str = Field("DK", alias="ASSISTANT_REGION", pattern="^[A-Z]{2}$")
    prompts_dir: Path | None = Field(None, alias="ASSISTANT_PROMPTS_DIR")
    database_url: str = Field("", alias="ASSISTANT_DATABASE_URL", validate_default=False)
    read_only: bool = Field(False, alias="ASSISTANT_READ_ONLY")
    new_contact: str = Field("", alias="ASSISTANT_NEW_CONTACT")
    owner: str = Field("", alias="ASSISTANT_OWNER")
    changes_per_card: int = Field(20, alias="ASSISTANT_CHANGES_PER_CARD", ge=1, le=50)
    changes_per_hour: int = Field(200, alias="ASSISTANT_CHANGES_PER_HOUR", ge=1)
    # of each user; 0: no cap
    model_calls_per_day: int = Field(1_000, alias="ASSISTANT_MODEL_CALLS_PER_DAY", ge=0)
    tokens_per_day: int = Field(1_000_000, alias="ASSISTANT_TOKENS_PER_DAY", ge=0)
    model_seconds: float = Field(45.0, alias="ASSISTANT_MODEL_SECONDS", gt=0, le=3_600)
    turn_seconds: float = Field(  # a turn has two calls of the model, mostly
        default_factory=lambda given: max(90.0, 2 * given.get("model_seconds", 45.0)),
        alias="ASSISTANT_TURN_SECONDS",
        gt=0,
        le=7_200,
    )
    retention_days: int = Field(90, alias="ASSISTANT_RETENTION_DAYS", ge=0, le=36_500)  # 0: kept for ever
    tracing: bool = Field(False, alias="ASSISTANT_TRACING")
    chat_token: SecretStr | None = Field(None, alias="ASSISTANT_CHAT_TOKEN")

    @field_validator("hubspot_access_token", "openai_api_key", "chat_token", mode="before")
    @classmethod
    def _stripped(cls, value: object) -> object:
        # a newline at the end of a pasted token makes http.client refuse the header
        return value.strip() or None if isinstance(value, str) else value

    @field_validator("chat_token")
    @classmethod
    def _long_or_off(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and value.get_secret_value() != "off" and len(value.get_secret_value()) < 16:
            raise ValueError("ASSISTANT_CHAT_TOKEN must have 16 characters or more, or be off.")
        return value

    @field_validator("hubspot_api_version")
    @classmethod
    def _v3_or_dated(cls, value: str) -> str:
        if re.fullmatch(r"v3|20\d\d-(0[1-9]|1[0-2])", value) is None:
            raise ValueError("HUBSPOT_API_VERSION must be v3 or a dated version such as 2026-09.")
        return value

    @field_validator("database_url")
    @classmethod
    def _sqlite_only(cls, value: str) -> str:
        if value and not value.startswith("sqlite:///"):
            raise ValueError(
                "ASSISTANT_DATABASE_URL must be sqlite:///FOLDER for now; PostgreSQL is not built yet. "
                "Leave it unset to keep everything under var/."
            )
        return value

    @field_validator("new_contact")
    @classmethod
    def _name_and_value(cls, value: str) -> str:
        entries = [entry.partition("=") for entry in value.split(",") if entry.strip()]
        names = [name.strip().casefold() for name, _, _ in entries]
        if not all(name.strip() and text.strip() for name, _, text in entries) or len(set(names)) < len(names):
            raise ValueError(
                "ASSISTANT_NEW_CONTACT must name each property once, with a value: "
                "lifecyclestage=lead, hubspot_owner_id=mette@example.com."
            )
        return value

    @model_validator(mode="after")
    def _token_for_a_url(self) -> Self:
        if self.hubspot_access_token is None and self.hubspot_api_url.rstrip("/") != HUBSPOT_API_URL:
            raise ValueError(
                "HUBSPOT_API_URL is set but HUBSPOT_ACCESS_TOKEN is not. Set both, or neither for the demo."
            )
        if urlsplit(self.hubspot_api_url).scheme not in ("http", "https"):
            raise ValueError("HUBSPOT_API_URL must start with https:// or http://.")
        return self

    @property
    def var_dir(self) -> Path:
        """The folder of everything that is kept: ``var/`` in the checkout unless the database URL names another."""
        folder = Path(self.database_url.removeprefix("sqlite:///")) if self.database_url else ROOT / "var"
        return folder if folder.is_absolute() else ROOT / folder

    @property
    def new_contact_defaults(self) -> dict[str, str]:
        """What every new contact gets, as configured: property -> value, in any spelling."""
        entries = (entry.partition("=") for entry in self.new_contact.split(",") if entry.strip())
        return {name.strip(): text.strip() for name, _, text in entries}

    @property
    def clock_url(self) -> str | None:
        """The server whose clock must agree with this machine's before old data is erased; None for the demo.

        The embedded sandbox has this machine's own clock.
        """
        return self.hubspot_api_url if self.hubspot_access_token else None

    @property
    def has_model(self) -> bool:
        """Whether a language model is configured; without one the guided model answers."""
        return self.openai_api_key is not None or self.openai_base_url is not None


def load_settings() -> Settings:
    """The settings of this process; raises SettingsError with a sentence where the environment is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        # only the sentence: the value may be a secret
        problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()]
        raise SettingsError(" ".join(p.removeprefix(": ") for p in problems)) from None

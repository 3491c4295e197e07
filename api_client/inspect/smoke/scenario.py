"""The shape of a scenario: what its YAML may say, strictly. How it is written: docs/developers.md, section Smoke."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator, model_validator

from api_client.inspect.smoke.expecting import Strict, as_list
from api_client.inspect.smoke.step_shapes import AnyStep
from api_client.inspect.smoke.values import Duration

ANYBODY = ("anonymous", "expired")
"""Who is always there: somebody without a token, and somebody whose sign-in has ended."""


class PersonRule(Strict):
    """Somebody of a scenario: registered for it, unless it says how they sign in."""

    username: str | None = None
    password: str | None = None
    """With a username: an account that exists. Usually `{{a_secret}}`."""
    profile: dict[str, Any] = {}
    """What PUT /users/me is told once they are registered, such as `isPrivate: true`."""

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.username is None) is not (self.password is None):
            raise ValueError("an account that exists needs username and password, both")
        return self


def _people(value: Any) -> Any:
    value = as_list(value)
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        if len(set(value)) != len(value):
            raise ValueError("somebody is named twice")
        return {name: {} for name in value}
    if isinstance(value, dict):
        return {name: {} if rule is None else rule for name, rule in value.items()}
    return value


Word = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$")]


class Scenario(Strict):
    """Steps that belong together, who takes part, and what is tidied up behind them."""

    scenario: Annotated[str, Field(min_length=1, max_length=200)]
    about: str | None = None
    area: Word | None = None
    """The first part of its name in reports; the file's name if not said."""
    tags: Annotated[list[Word], BeforeValidator(as_list)] = []
    requires: Annotated[list[str], BeforeValidator(as_list)] = []
    """Capabilities, as GET /meta lists them, without which it is left out."""
    people: Annotated[dict[Word, PersonRule], BeforeValidator(_people)] = {}
    variables: dict[Word, Any] = {}
    data: list[dict[Word, Any]] | str = []
    """Rows of variables, or a CSV file beside this one: the scenario is carried out once for each."""
    timeout: Duration = 60.0
    steps: Annotated[list[AnyStep], Field(min_length=1)]
    teardown: list[AnyStep] = Field([], alias="finally")
    """Carried out in any case, one after the other, whatever fails."""
    _file: str = PrivateAttr("")
    _line: int = PrivateAttr(1)

    @field_validator("people")
    @classmethod
    def _free_names(cls, people: dict[str, PersonRule]) -> dict[str, PersonRule]:
        for name in people:
            if name in ANYBODY:
                raise ValueError(f"{name} is always there and is not listed")
        return people

    def placed(self, file: str, line: int) -> None:
        """Note where it stands."""
        self._file, self._line = file, line

    @property
    def file(self) -> str:
        """The file in which it stands."""
        return self._file

    @property
    def line(self) -> int:
        """The line on which it begins."""
        return self._line

    @cached_property
    def slug(self) -> str:
        """Its title as a word."""
        return re.sub(r"[^a-z0-9]+", "-", self.scenario.lower()).strip("-") or "scenario"

    @property
    def classname(self) -> str:
        """What it is called in JUnit reports, as long as its title stays."""
        area = self.area or re.split(r"[\\/]", self._file)[-1].rsplit(".", 1)[0]
        return f"smoke.{area}.{self.slug}"


class Shared(Strict):
    """Steps that several scenarios use."""

    shared: Word
    about: str | None = None
    needs: list[Word] = []
    """Variables that who uses them must give."""
    steps: Annotated[list[AnyStep], Field(min_length=1)]
    teardown: list[AnyStep] = Field([], alias="finally")
    """Added in front of the teardown of the scenario."""

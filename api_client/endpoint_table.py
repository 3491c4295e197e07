"""Builds the endpoint tables: one call for each endpoint, by its method."""

from __future__ import annotations

from typing import Any

from api_client.endpoint import Endpoint, Retry
from api_client.errors import ErrorCode as E
from api_client.postponed import Names

_Done = Names("api_client.models.base").Done


class EndpointTable:
    """Endpoints in the order in which they were added; each name once."""

    def __init__(self) -> None:
        self._endpoints: dict[str, Endpoint] = {}

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All of them."""
        return tuple(self._endpoints.values())

    def get(
        self, name: str, path: str, reply: Any, *, paged: bool = False, public: bool = False, errors: tuple[E, ...] = ()
    ) -> Endpoint:
        """Add what reads."""
        return self._add(Endpoint(name, "GET", path, reply, paged=paged, public=public, errors=errors))

    def post(
        self,
        name: str,
        path: str,
        reply: Any,
        request: Any = None,
        *,
        retry: Retry = Retry.KEYED,
        public: bool = False,
        status: int = 200,
        errors: tuple[E, ...] = (),
        lifted: tuple[str, ...] = (),
    ) -> Endpoint:
        """Add what makes something, or makes something happen."""
        made = Endpoint(
            name, "POST", path, reply, request, retry, public=public, status=status, errors=errors, lifted=lifted
        )
        return self._add(made)

    def put(
        self,
        name: str,
        path: str,
        reply: Any,
        request: Any = None,
        *,
        errors: tuple[E, ...] = (),
        lifted: tuple[str, ...] = (),
    ) -> Endpoint:
        """Add what puts something into a state."""
        return self._add(Endpoint(name, "PUT", path, reply, request, Retry.IDEMPOTENT, errors=errors, lifted=lifted))

    def delete(
        self, name: str, path: str, reply: Any = _Done, *, errors: tuple[E, ...] = (), lifted: tuple[str, ...] = ()
    ) -> Endpoint:
        """Add what takes something away."""
        return self._add(Endpoint(name, "DELETE", path, reply, None, Retry.IDEMPOTENT, errors=errors, lifted=lifted))

    def _add(self, endpoint: Endpoint) -> Endpoint:
        if endpoint.name in self._endpoints:
            raise ValueError(f"two endpoints are called {endpoint.name}")
        self._endpoints[endpoint.name] = endpoint
        return endpoint

"""How JSON bodies are read: strictly, so that what cannot be stored as text is refused and does not fail later."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json


class JsonRoute(APIRoute):
    """A route whose body must be well-formed UTF-8 and whose strings must not hold half of a surrogate pair.

    The standard library's reader lets both through (RFC 8259, section 8.2, leaves it open).
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request of this route."""
        answer = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await answer(_Strict(request.scope, request.receive))

        return strictly


class _Strict(Request):
    async def json(self) -> Any:
        try:
            return from_json(await self.body())
        except ValueError as error:
            # The framework turns this kind, and no other, into a refusal.
            raise json.JSONDecodeError(str(error), "", 0) from None

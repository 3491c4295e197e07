"""Routes come from the endpoint table: path, status, reply, documented errors, transaction and repetition."""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Annotated, Any, TypeVar, get_type_hints

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, TypeAdapter, create_model

from api_client.endpoints import ENDPOINTS, Endpoint, Retry
from api_client.errors import ErrorCode
from api_client.models.base import Envelope, ListEnvelope
from server.bodies import JsonRoute
from server.context import RequestContext
from server.idempotency import HEADER, KEY_PATTERN, earlier_reply, keep_reply, repeatable
from server.paging import Listing

Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Any]])

IdPath = Annotated[str, Path(alias="id", min_length=1, max_length=64)]
"""The `{id}` of a path."""

ERROR_CONTENT: dict[str, Any] = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorEnvelope"}}}
"""The body of every refusal, by reference: as a model it would be compiled anew for each route and status."""

_EVERYWHERE = (ErrorCode.VALIDATION_ERROR, ErrorCode.RATE_LIMITED, ErrorCode.INTERNAL, ErrorCode.UNAVAILABLE)
_SIGNED_IN = (ErrorCode.UNAUTHENTICATED, ErrorCode.TOKEN_EXPIRED, ErrorCode.SESSION_EXPIRED, ErrorCode.FORBIDDEN)


for _request in (endpoint.request for endpoint in ENDPOINTS):
    # The framework gives a body the name of its parameter, of which pydantic warns, and hushes the warning only while
    # it makes what reads the body: if that prepared itself at the first request, the warning would come then.
    if isinstance(_request, type) and issubclass(_request, BaseModel):
        _request.model_config["defer_build"] = False


class Router(APIRouter):
    """A router whose JSON routes are entries of the endpoint table."""

    def __init__(self) -> None:
        super().__init__(route_class=JsonRoute)

    def handles(self, endpoint: Endpoint, *, keeps_replies: bool = True) -> Callable[[Handler], Handler]:
        """Register the decorated handler for `endpoint`.

        Without `keeps_replies` a request with a known idempotency key reaches the handler, which then has to know it.

        The handler takes a context (`Ctx`, `OwnCtx` or `PublicCtx`) and whatever FastAPI can give it, and returns the
        bare `data`, or a `Listing` where the endpoint is paged.
        """

        def register(handler: Handler) -> Handler:
            self.add_api_route(
                endpoint.path,
                _in_transaction(endpoint, handler, keeps_replies),
                methods=[endpoint.method],
                name=endpoint.name,
                operation_id=endpoint.name.replace(".", "_"),
                status_code=endpoint.status,
                response_model=_reply_model(endpoint),
                responses=_documented(endpoint),
                summary=(inspect.getdoc(handler) or endpoint.name).splitlines()[0],
                description=inspect.getdoc(handler),
                tags=[endpoint.name.partition(".")[0]],
                openapi_extra=_KEY_PARAMETER if endpoint.retry is Retry.KEYED else None,
            )
            return handler

        return register


_KEY_PARAMETER: dict[str, Any] = {
    "parameters": [
        {
            "name": HEADER,
            "in": "header",
            "required": False,
            "description": "Sent again with the same key within 300 s, the request gets the same reply.",
            "schema": {"type": "string", "pattern": KEY_PATTERN},
        }
    ]
}


def _in_transaction(
    endpoint: Endpoint, handler: Callable[..., Awaitable[Any]], keeps_replies: bool
) -> Callable[..., Awaitable[Response]]:
    hints = get_type_hints(handler, include_extras=True)
    signature = inspect.signature(handler)
    parameters = [parameter.replace(annotation=hints[name]) for name, parameter in signature.parameters.items()]
    context_name = next(name for name, hint in hints.items() if _is_context(hint))

    async def answer(**arguments: Any) -> Response:
        ctx: RequestContext = arguments[context_name]
        try:
            return await _answer(endpoint, handler, ctx, arguments, keeps_replies)
        finally:
            await ctx.close()

    answer.__name__ = handler.__name__
    answer.__doc__ = handler.__doc__
    answer.__signature__ = signature.replace(parameters=parameters, return_annotation=Response)  # type: ignore[attr-defined]
    return answer


def _is_context(hint: Any) -> bool:
    return getattr(hint, "__origin__", None) is RequestContext


async def _answer(
    endpoint: Endpoint,
    handler: Callable[..., Awaitable[Any]],
    ctx: RequestContext,
    arguments: dict[str, Any],
    keeps_replies: bool,
) -> Response:
    user = ctx.maybe_user
    repeat = None
    if keeps_replies and endpoint.retry is Retry.KEYED and user is not None:
        repeat = await repeatable(ctx.request, user.id, endpoint.name)
    if repeat is None:
        await ctx.begin()
        reply = _render(endpoint, await handler(**arguments))
        await ctx.commit()
        return _response(endpoint, reply)
    async with ctx.state.repetitions.alone(repeat):
        await ctx.begin()
        earlier = await earlier_reply(ctx.db, repeat, ctx.now)
        if earlier is not None:
            await ctx.commit()
            return _response(endpoint, earlier, {"X-Idempotency-Replayed": "true"})
        reply = _render(endpoint, await handler(**arguments))
        await keep_reply(ctx.db, repeat, reply, ctx.now)
        await ctx.commit()
        return _response(endpoint, reply)


def _response(endpoint: Endpoint, reply: str, headers: dict[str, str] | None = None) -> Response:
    return Response(reply, endpoint.status, headers, media_type="application/json")


def _render(endpoint: Endpoint, result: Any) -> str:
    body: dict[str, Any] = {"success": True}
    if endpoint.paged:
        if not isinstance(result, Listing):
            raise TypeError(f"{endpoint.name} is paged: its handler returns a Listing")
        # Written by the model itself: a list may hold thousands of records, and building them first doubles the time.
        data = result.rendered or _adapter(endpoint).dump_json(result.items, warnings="error").decode()
        cursor = json.dumps(result.next_cursor, ensure_ascii=False)
        return f'{{"success":true,"data":{data},"nextCursor":{cursor},"meta":{{"nextCursor":{cursor}}}}}'
    else:
        body["data"] = _adapter(endpoint).dump_python(result, mode="json", warnings="error")
        body |= {name: body["data"][name] for name in endpoint.lifted}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


@cache
def _adapter(endpoint: Endpoint) -> TypeAdapter[Any]:
    return TypeAdapter(list[endpoint.reply] if endpoint.paged else endpoint.reply)  # type: ignore[name-defined]


def _reply_model(endpoint: Endpoint) -> Any:
    if endpoint.paged:
        return ListEnvelope[endpoint.reply]  # type: ignore[name-defined]
    if not endpoint.lifted:
        return Envelope[endpoint.reply]  # type: ignore[name-defined]
    reply: type[BaseModel] = endpoint.reply
    aliases = {(field.alias or name): (name, field) for name, field in reply.model_fields.items()}
    fields: dict[str, Any] = {aliases[wire][0]: (aliases[wire][1].annotation, ...) for wire in endpoint.lifted}
    name = "".join(part.capitalize() for part in endpoint.name.replace("_", ".").split("."))
    return create_model(f"{name}Reply", __base__=Envelope[reply], **fields)  # type: ignore[valid-type]


def _documented(endpoint: Endpoint) -> dict[int | str, dict[str, Any]]:
    codes = [*_EVERYWHERE, *endpoint.errors]
    if not endpoint.public:
        codes += _SIGNED_IN
    elif endpoint.request is not None:
        codes.append(ErrorCode.UNAUTHENTICATED)
    if endpoint.request is not None:
        codes.append(ErrorCode.PAYLOAD_TOO_LARGE)
    if endpoint.retry is Retry.KEYED:
        codes.append(ErrorCode.CONFLICT)
    replies: dict[int | str, dict[str, Any]] = {}
    for code in sorted(set(codes), key=lambda code: (code.status, code)):
        entry = replies.setdefault(code.status, {"content": ERROR_CONTENT, "description": ""})
        entry["description"] = ", ".join(filter(None, (entry["description"], code.value)))
    return replies

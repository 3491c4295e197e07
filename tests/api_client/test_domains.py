import enum
import inspect
import traceback
import typing
from collections.abc import Iterable, Sequence
from functools import cached_property
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import httpx
import pytest
from pydantic import BaseModel

from api_client.calls import Group
from api_client.domains.records import Records
from api_client.endpoints import ENDPOINTS, Endpoint
from api_client.errors import Invalid
from api_client.models.records import RecordPointer, RecordSet
from api_client.models.threads import PostSort, TopWindow

MOMENT = "2026-01-01T00:00:00Z"
GROUPS = ("accounts", "users", "feed", "threads", "comments", "stories", "chat", "music", "playlists", "folders",
          "playback", "platform", "uploads", "studio", "records", "recommendations", "together", "player",
          "visuals")  # fmt: skip
COMPOSED = {"upload"}
"""Methods that are made of other methods."""


def example(kind: Any) -> Any:
    """Return JSON of the smallest valid `kind`."""
    if get_origin(kind) is typing.Annotated:
        return MOMENT if "datetime" in repr(kind) else example(get_args(kind)[0])
    if get_origin(kind) in (typing.Union, UnionType):
        return None if NoneType in get_args(kind) else example(get_args(kind)[0])
    if get_origin(kind) is typing.Literal:
        return get_args(kind)[0]
    if get_origin(kind) is list:
        return []
    if get_origin(kind) is dict:
        return {}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {
            field.serialization_alias or name: MOMENT
            if "datetime" in repr(field.annotation)
            else example(field.annotation)
            for name, field in kind.model_fields.items()
            if field.is_required()
        }
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next(iter(kind)).value
    return {str: "7", int: 7, bool: True, float: 0.5}[kind]


def argument(kind: Any) -> Any:
    """Return a value to call a method with."""
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next(iter(kind))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        known = {"NewPhotoPost": {"mediaUrls": ["https://example.org/a.png"]}, "NewStory": {"media": MEDIUM},
                 "Transaction": {"txId": "7", "authorId": "7", "clientTimestamp": 7, "operations": [OPERATION]},
                 "NewConversation": {"memberIds": ["7"]}, "NewSubreddit": {"name": "abc"},
                 "PlayerUpdate": {"deviceId": DEVICE, "version": 7}, "PlayerCommand": {"id": DEVICE, "action": "pause"},
                 "UploadRequest": {"filename": "a", "mimeType": "image/png", "sizeBytes": 7}}  # fmt: skip
        return kind.model_validate(known.get(kind.__name__) or example(kind))
    if get_origin(kind) in (typing.Union, UnionType):
        return argument(get_args(kind)[0])
    if get_origin(kind) is typing.Literal:
        return get_args(kind)[0]
    if inspect.isclass(get_origin(kind)) and get_origin(kind) in (Iterable, Sequence):
        return [argument(get_args(kind)[0])]
    return {str: "77777777", int: 7}[kind]


OPERATION = {"type": "set", "table": "projects", "id": "7", "key": "name", "value": "A"}
DEVICE = "0d5ecdc4-5bd8-4d0f-8f0e-0a1b2c3d4e5f"
MEDIUM = {"type": "image", "uploadId": "7"}


def methods() -> list[tuple[str, str]]:
    from api_client import domains

    return [
        (group, name)
        for group in GROUPS
        for name, value in vars(getattr(domains, group.capitalize())).items()
        if inspect.iscoroutinefunction(value) and not name.startswith("_") and name not in COMPOSED
    ]


async def _call(make_client: Any, group: str, name: str) -> tuple[list[Endpoint], Any]:
    """Call one method against a platform that answers with the smallest valid reply of the endpoint."""
    used: list[Endpoint] = []

    def answer(request: httpx.Request) -> httpx.Response:
        data = [example(used[-1].reply)] if used[-1].paged else example(used[-1].reply)
        return httpx.Response(used[-1].status, json={"success": True, "data": data, "nextCursor": "next"})

    client = make_client(answer)
    fetched = client._fetched

    async def noted(tries: Any, endpoint: Endpoint, *more: Any, **how: Any) -> Any:
        used.append(endpoint)
        return await fetched(tries, endpoint, *more, **how)

    client._fetched = noted
    method = getattr(getattr(client, group), name)
    hints = get_type_hints(method)
    hints.pop("return", None)
    required = [p.name for p in inspect.signature(method).parameters.values() if p.default is inspect.Parameter.empty]
    given = {name: argument(hints[name]) for name in required}
    if "email" in given:
        given["email"] = "ann@example.org"
    if "country" in given:
        given["country"] = "SE"
    return used, await method(**given)


@pytest.mark.parametrize(("group", "name"), methods(), ids=lambda value: str(value))
async def test_a_method_calls_one_endpoint_and_returns_what_the_table_says(
    group: str, name: str, make_client: Any
) -> None:
    used, result = await _call(make_client, group, name)
    assert len(used) == 1
    if used[0].paged:
        assert result.next_cursor == "next"
        assert len(result) == 1


async def test_each_endpoint_of_the_table_is_one_method(make_client: Any) -> None:
    used = [endpoint.name for group, name in methods() for endpoint in (await _call(make_client, group, name))[0]]
    assert sorted(used) == sorted(endpoint.name for endpoint in ENDPOINTS)


async def test_the_client_has_no_group_that_these_tests_do_not_know(make_client: Any) -> None:
    client = make_client(lambda request: httpx.Response(200))
    parts = (name for name, value in vars(type(client)).items() if isinstance(value, cached_property))
    assert {name for name in parts if isinstance(getattr(client, name), Group)} == set(GROUPS)


@pytest.mark.parametrize(
    ("call", "target"),
    [
        (lambda c: c.feed.page("c&d", limit=5), "/posts/feed?cursor=c%26d&limit=5"),
        (
            lambda c: c.threads.page("python", sort=PostSort.TOP, window=TopWindow.WEEK),
            "/posts?subreddit=python&sort=top&t=week",
        ),
        (lambda c: c.users.posts("a/b"), "/users/a%2Fb/posts"),
        (lambda c: c.chat.messages("7", before="x"), "/conversations/7/messages?before=x"),
        (lambda c: c.chat.presence(["1", "2"]), "/presence?ids=1%2C2"),
        (lambda c: c.platform.search("AC/DC", ["track", "album"]), "/search?q=AC%2FDC&types=track%2Calbum"),
        (lambda c: c.comments.page("7", root="9"), "/posts/7/comments?root=9"),
    ],
)
async def test_parameters_stand_where_the_platform_looks_for_them(call: Any, target: str, make_client: Any) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path.decode())
        return httpx.Response(200, json={"data": {} if "search" in seen[0] or "presence" in seen[0] else []})

    await call(make_client(answer))
    assert seen == ["/api/v1" + target]


async def test_a_platform_that_does_not_describe_itself_can_do_everything(make_client: Any) -> None:
    assert await make_client(lambda request: httpx.Response(404, json={"error": "no"})).platform.info() is None


async def test_the_connection_decides_about_the_quality(make_client: Any) -> None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("X-Connection-Type"))
        return httpx.Response(200, json={"data": {"url": "/media/a", "quality": 96, "expiresAt": 1}})

    client = make_client(answer)
    assert (await client.playback.stream("7", connection="2g")).quality == 96
    await client.playback.stream("7")
    assert seen == ["2g", None]


async def test_a_request_that_cannot_be_right_is_refused_before_it_is_sent(make_client: Any) -> None:
    client = make_client(lambda request: httpx.Response(500))
    password = "".join(["can", "ary"])
    with pytest.raises(Invalid) as refusal:
        await client.accounts.register("ann", "no address", password)
    assert set(refusal.value.fields) == {"email", "password"}
    assert password not in "".join(traceback.format_exception(refusal.value))
    with pytest.raises(Invalid):
        await client.comments.create("7", "   ")


async def test_playlists_are_fetched_in_parts_and_all_of_them_come() -> None:
    asked: list[list[RecordPointer]] = []

    class Fetched(Records):
        async def _some(self, pointers: list[RecordPointer]) -> RecordSet:
            asked.append(pointers)
            found: dict[str, Any] = {}
            for pointer in pointers:
                found.setdefault(pointer.table, {})[pointer.id] = {"id": pointer.id}
            return RecordSet(record_map=found)

    wanted = [
        RecordPointer(table=table, id=str(number)) for number in range(45) for table in ("playlists", "songs", "posts")
    ]
    found = await Fetched(None).fetch(wanted)  # type: ignore[arg-type]
    assert all(found.find(pointer.table, pointer.id) for pointer in wanted)
    assert [sum(one.table == "playlists" for one in part) for part in asked] == [20, 20, 5]
    assert sum(map(len, asked)) == len(wanted)

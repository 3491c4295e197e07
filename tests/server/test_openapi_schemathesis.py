"""Whatever a client may send according to the description, the platform answers as the description says."""

from __future__ import annotations

import asyncio
import base64
import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from PIL import Image
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.app import API, ROUTERS
from server.openapi import describe
from server.serve import running
from server.settings import HashCost, RateLimits, Settings

PROMISES = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
UNLIMITED = RateLimits(posts_per_hour=10**6, logins_per_minute=10**6, requests_per_minute=10**6)
PASSWORD = "correct horse battery"


def interface() -> Any:
    """Return the schema of the application without starting one."""
    app = FastAPI(title="Parlour", version="1")
    for router in ROUTERS:
        app.include_router(router, prefix=API)
    return schemathesis.openapi.from_dict(describe(app))


OPERATIONS = [
    result.ok()
    for result in interface().get_all_operations()
    # An event stream does not end by itself.
    if "text/event-stream" not in str(result.ok().definition.raw.get("responses"))
]


@dataclass(frozen=True)
class World:
    """A running platform with a little of everything in it."""

    url: str
    token: str
    known: dict[str, dict[str, str]]
    """By the first part of a path: values for its parameters that exist."""


def populate(url: str) -> World:
    """Register two people and let them do a little of everything."""
    with httpx.Client(base_url=f"{url}{API}/", trust_env=False) as client:

        def made(path: str, body: Any) -> dict[str, Any]:
            reply = client.post(path, json=body)
            assert reply.is_success, reply.text
            return dict(reply.json()["data"])

        for name in ("ben", "ann"):
            body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
            signed_in = made("auth/register", body)
            client.headers["Authorization"] = f"Bearer {signed_in['accessToken']}"
        buffer = io.BytesIO()
        Image.new("RGB", (40, 30)).save(buffer, "PNG")
        picture = {"base64": base64.b64encode(buffer.getvalue()).decode(), "type": "image"}
        post = made("posts", {"caption": "#sea", "media": [picture]})
        made("r", {"name": "boats"})
        thread = made("posts", {"subreddit": "boats", "title": "A boat", "postType": "text", "body": "x"})
        comment = made(f"posts/{thread['id']}/comments", {"body": "yes"})
        story = made("stories", {"media": picture, "type": "image"})
        ben = client.get("users/ben").json()["data"]
        chat = made("conversations", {"type": "group", "memberIds": [ben["id"]], "name": "We"})
        message = made(f"conversations/{chat['id']}/messages", {"content": "hello"})
        playlist = made("playlists", {"name": "Sea"})
        folder = made("playlist-folders", {"name": "Boats"})
    known = {
        "posts": {"id": post["id"]},
        "comments": {"id": comment["id"]},
        "stories": {"id": story["id"]},
        "users": {"username": "ben"},
        "r": {"name": "boats"},
        "conversations": {"id": chat["id"], "userId": ben["id"]},
        "messages": {"id": message["id"]},
        "playlists": {"id": playlist["id"], "userId": ben["id"]},
        "playlist-folders": {"id": folder["id"]},
    }
    return World(url, signed_in["accessToken"], known)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A platform in a thread of its own, because the generated requests are sent without a loop."""
    cheap = HashCost(passes=1, memory_kib=8, lanes=1)
    settings = Settings(tmp_path_factory.mktemp("platform"), port=0, hash_cost=cheap, limits=UNLIMITED)
    started: list[tuple[str, Callable[[], object]]] = []
    ready = threading.Event()

    async def serve() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        async with running(settings) as at:
            started.append((at.url, lambda: loop.call_soon_threadsafe(stop.set)))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(30)
    url, stop = started[0]
    try:
        yield populate(url)
    finally:
        stop()
        thread.join(30)


def tried(count: int) -> Any:
    return examples(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def cases(operation: Any) -> st.SearchStrategy[Case]:
    """Return requests as the description allows them, and such as it forbids where there is something to forbid."""
    allowed = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if operation.body or operation.query:
        return allowed | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    return allowed


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_a_signed_in_client_gets_what_is_described(operation: Any, world: World) -> None:
    place = operation.path.removeprefix(API).split("/")[1]

    @tried(6)
    @given(case=cases(operation), known=st.booleans())
    def ask(case: Case, known: bool) -> None:
        if known and case.path_parameters:
            case.path_parameters.update(
                {name: value for name, value in world.known.get(place, {}).items() if name in case.path_parameters}
            )
        token = world.token
        if "logout" in operation.path:
            body = {"email": "ben", "password": PASSWORD}
            token = httpx.post(f"{world.url}{API}/auth/login", json=body).json()["data"]["accessToken"]
        response = case.call(base_url=world.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        case.validate_response(response, checks=PROMISES)

    ask()
    with httpx.Client(trust_env=False) as client:
        headers = {"Authorization": f"Bearer {world.token}"}
        assert client.get(f"{world.url}{API}/auth/me", headers=headers).status_code == 200


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_a_client_that_is_not_signed_in_gets_what_is_described(operation: Any, world: World) -> None:
    needs_token = bool(operation.definition.raw.get("security"))

    @tried(2)
    @given(case=cases(operation))
    def ask(case: Case) -> None:
        response = case.call(base_url=world.url, timeout=30, headers={"Authorization": "nothing"})
        case.validate_response(response, checks=PROMISES)
        assert not needs_token or response.status_code in (400, 401, 404)

    ask()

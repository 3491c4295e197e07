"""The one WebSocket: signing in, the life of a connection, and its end."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from api_client.errors import ErrorCode
from api_client.models.base import WireModel
from api_client.models.realtime import Auth, Ready, SocketError, client_frames
from server.chat.presence import announce_arrival, announce_departure
from server.realtime.connection import (
    AUTHENTICATION_FAILED,
    GOING_AWAY,
    POLICY_VIOLATION,
    TOO_LARGE,
    Connection,
    FrameBudget,
)
from server.realtime.frames import FrameHandler
from server.realtime.hub import encode
from server.realtime.rules import note_departures
from server.realtime.signing_in import AUTHENTICATION_FAILED_TEXT, SignedIn, bearer_token, signed_in
from server.state import ServerState, state_of
from server.together.housekeeping import presence_changed

FRAME_LIMIT = 64 * 1024
"""Bytes of one incoming frame."""
AUTH_SECONDS = 5.0

router = APIRouter()


@router.websocket("/ws")
async def realtime(socket: WebSocket) -> None:
    """Serve one socket from its handshake to its close."""
    state = state_of(socket.app)
    await socket.accept()
    try:
        found = await _sign_in(socket, state)
        if found is None:
            await _refuse(socket)
            return
    except WebSocketDisconnect:
        return
    await _serve(socket, state, found)


async def _sign_in(socket: WebSocket, state: ServerState) -> SignedIn | None:
    header = socket.headers.get("authorization")
    if header is not None:
        return await signed_in(state, bearer_token(header))
    try:
        async with asyncio.timeout(AUTH_SECONDS):
            text = await _next_text(socket)
    except TimeoutError:
        return None
    if text is None or len(text) > FRAME_LIMIT:
        return None
    try:
        frame = client_frames.validate_json(text)
    except ValidationError:
        return None
    return await signed_in(state, frame.token) if isinstance(frame, Auth) else None


async def _refuse(socket: WebSocket) -> None:
    error = SocketError(message=AUTHENTICATION_FAILED_TEXT, code=ErrorCode.UNAUTHENTICATED)
    await _send(socket, error)
    await socket.close(AUTHENTICATION_FAILED, AUTHENTICATION_FAILED_TEXT)


async def _serve(socket: WebSocket, state: ServerState, found: SignedIn) -> None:
    link = Connection(socket, found.user_id, found.session_id, found.expires_at)
    link.send(Ready(user_id=found.user_id))
    came = state.hub.attach(link)
    if state.stopping.is_set():
        link.close_soon(GOING_AWAY, "The platform is stopping.")
    try:
        if came:
            state.background.start(
                lambda: announce_arrival(state.database, state.hub, found.user_id, state.clock.now())
            )
            state.background.start(lambda: presence_changed(state, found.user_id))
        await link.run(asyncio.create_task(_read(socket, state, link)))
    finally:
        followed = state.hub.keys_of(link)
        gone = state.hub.detach(link)
        note_departures(state, found.user_id, followed)
        if gone:
            state.background.start(
                lambda: announce_departure(state.database, state.hub, found.user_id, state.clock.now())
            )
            state.background.start(lambda: presence_changed(state, found.user_id))


async def _read(socket: WebSocket, state: ServerState, link: Connection) -> None:
    handler = FrameHandler(state, link)
    budget = FrameBudget(state.settings.limits.requests_per_minute, state.clock.now())
    while True:
        try:
            text = await _next_text(socket)
        except WebSocketDisconnect:
            return
        if text is None:
            link.send(SocketError(message="Frames are text.", code=ErrorCode.VALIDATION_ERROR))
        elif len(text) > FRAME_LIMIT or len(text.encode()) > FRAME_LIMIT:
            link.send(SocketError(message="This frame is too large.", code=ErrorCode.PAYLOAD_TOO_LARGE))
            link.close_soon(TOO_LARGE, "Frame too large")
            return
        elif budget.take(state.clock.now()):
            await handler.handle(text)
        elif budget.is_abused:
            link.close_soon(POLICY_VIOLATION, "Too many frames")
            return
        else:
            handler.refuse_for_haste(text)


async def _next_text(socket: WebSocket) -> str | None:
    """Return the next frame, None for a binary one; raises WebSocketDisconnect at the end."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    text = message.get("text")
    return text if isinstance(text, str) else None


async def _send(socket: WebSocket, frame: WireModel) -> None:
    if socket.application_state is WebSocketState.CONNECTED:
        await socket.send_text(encode(frame))

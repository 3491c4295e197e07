"""Faults in what a platform lets happen: leaks, rights, repetitions, versions, cursors, addresses."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from api_client.models.studio import Access
from server import context as contexts
from server import routing
from server.accounts import sessions
from server.accounts.tokens import Authenticated
from server.chat import membership, messages
from server.feed import access as posts_access
from server.feed import media
from server.people import relations
from server.playback import tickets
from server.playlists import access as playlists_access
from server.playlists import order
from server.playlists import routes as playlist_routes
from server.realtime import frames, signing_in
from server.records import writing
from server.search import routes as search_routes
from server.signing import Signer
from server.tables.chat import ConversationRow
from server.tables.users import SessionRow, UploadRow, UserRow
from server.together import group
from tests.smoke.planting import Fault, fault, swap

_page, _repeatable, _remove_member = messages.page, routing.repeatable, membership.remove_member


async def _yes(*_arguments: Any) -> bool:
    return True


async def _nothing(*_arguments: Any, **_named: Any) -> None:
    return None


def _allowed(*_arguments: Any) -> None:
    return None


async def _all_of(_ctx: Any, ids: list[str]) -> list[str]:
    return ids


async def _stays(session: Any, party: membership.Party, user_id: str) -> Any:
    """Do all that is done, and let them in again."""
    leaving = party.find(user_id)
    left = await _remove_member(session, party, user_id)
    if leaving is not None and left:
        session.add(membership._membership(party.conversation, user_id, leaving.joined_at))
        await session.flush()
    return left


async def _party_of_anybody(session: Any, user_id: str, chat_id: str) -> membership.Party:
    conversation = await session.get_one(ConversationRow, chat_id)
    members = await membership.members_of(session, chat_id)
    mine = next((member for member in members if member.user_id == user_id), members[0])
    return membership.Party(conversation, mine, members)


async def _whoever(db: Any, tokens: Any, token: str, now: Any) -> Authenticated:
    claims = tokens.read_access(token, now)
    query = select(UserRow, SessionRow).join(SessionRow, SessionRow.user_id == UserRow.id)
    found = (await db.execute(query.where(SessionRow.id == claims.session_id))).one()
    return Authenticated(found[0], found[1], claims.expires_at)


async def _reissued(db: Any, tokens: Any, refresh_token: str, now: Any) -> Any:
    session = await db.get_one(SessionRow, tokens.read_refresh(refresh_token, now).session_id)
    return sessions._issue(tokens, session, now)


async def _same_for_all_bodies(*arguments: Any) -> Any:
    found = await _repeatable(*arguments)
    return None if found is None else replace(found, fingerprint=b"")


def _paged(by: int) -> Any:
    async def page(session: Any, party: Any, now: Any, limit: int, before: int | None) -> Any:
        return await _page(session, party, now, limit, None if before is None else before + by)

    return page


def _believed(_signer: Signer, _path: str, query: Any, _now: Any) -> dict[str, str]:
    return {name: value for name, value in query.items() if name not in ("exp", "sig")}


async def _version_of_anything(*_arguments: Any) -> int:
    return 1


async def _kept_after_use(db: Any, _owner_id: str, medium: media.Medium) -> media.Medium:
    upload = await db.get_one(UploadRow, medium.upload_id)
    return media.Medium(medium.kind, medium.alt, upload.media_key, width=upload.width, height=upload.height)


def _not_raised(ctx: Any, row: Any) -> None:
    key, version = f"playlists:{row.id}", row.version
    ctx.after_commit(lambda: ctx.state.hub.notify(key, version))


RULES: tuple[Fault, ...] = (
    fault("private-playlist-leaks", "a private playlist is everybody's", "playlists.a-private-playlist", "ST203",
          swap((playlists_access.Standing, "may_read", property(lambda _standing: True)))),
    fault("private-post-leaks", "posts of private accounts are everybody's", "feed.a-private-post", "ST203",
          swap((relations, "may_see", _yes))),
    fault("private-post-found", "posts of private accounts are found", "feed.a-private-post", "ST208",
          swap((search_routes, "_visible", _all_of))),
    fault("anybody-reads-chats", "who is not in a conversation reads it", "chat.a-message-reaches", "ST203",
          swap((membership, "party_of", _party_of_anybody))),
    fault("shut-out-and-still-in", "who was taken out of a group is still told", "chat.a-group", "WS406",
          swap((membership, "remove_member", _stays))),
    fault("ended-sign-in", "tokens are good after signing out", "accounts.signing-up", "ST203",
          swap((contexts, "authenticate", _whoever))),
    fault("ended-sign-in-on-sockets", "sockets are opened after signing out", "realtime.a-socket-is", "ST203",
          swap((signing_in, "authenticate", _whoever))),
    fault("spent-token", "a spent refresh token is exchanged again", "accounts.a-refresh-token", "ST203",
          swap((sessions, "rotate", _reissued))),
    fault("key-ignored", "what is sent again is done again", "posts.a-post-that-is-sent", "ST207",
          swap((routing, "earlier_reply", _nothing), (routing, "keep_reply", _nothing))),
    fault("key-for-anything", "a key is taken for another request", "posts.a-post-that-is-sent", "ST203",
          swap((routing, "repeatable", _same_for_all_bodies))),
    fault("cursor-repeats", "each page begins with the last message of the one before", "chat.messages-in", "ST211",
          swap((messages, "page", _paged(+1)))),
    fault("cursor-loses", "between two pages a message is lost", "chat.messages-in", "ST208",
          swap((messages, "page", _paged(-1)))),
    fault("version-not-raised", "a playlist changes and its version does not", "playlists.a-playlist", "WS401",
          swap((playlist_routes, "changed", _not_raised))),
    fault("versions-ignored", "a transaction on an old version is carried out", "records.transactions", "ST203",
          swap((writing, "_check_versions", _allowed))),
    fault("rights-ignored", "who may only look writes records", "records.transactions", "ST203",
          swap((Access, "may_write", property(lambda _access: True)))),
    fault("address-for-ever", "an address of audio is good for years", "playback.an-address", "ST208",
          swap((tickets, "VALID_FOR", timedelta(days=3650)))),
    fault("address-altered", "the signature of an address is not looked at", "playback.an-address", "ST203",
          swap((Signer, "verify", _believed))),
    fault("anybody-follows", "everybody may follow every key", "realtime.keys-are", "ST203",
          swap((frames, "version_for", _version_of_anything))),
    fault("anybody-deletes", "everybody may delete what others wrote", "comments.a-conversation", "ST203",
          swap((posts_access, "moderates", _yes))),
    fault("anybody-commands", "guests of a session decide what plays", "together.several", "ST203",
          swap((group, "_permitted", _allowed))),
    fault("deleted-and-found", "a deleted playlist is found", "search.what-is-there", "ST208",
          swap((playlist_routes, "_erase", _nothing))),
    fault("positions-wrong", "the places of a playlist are not moved up", "playlists.a-playlist", "ST208",
          swap((order, "_shift", _nothing))),
    fault("upload-used-twice", "an upload serves again", "uploads.a-file", "ST203",
          swap((media, "_claimed", _kept_after_use))),
)  # fmt: skip

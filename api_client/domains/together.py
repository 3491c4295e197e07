"""Listening among friends: what they hear, who may see the own, and sessions in which several hear the same."""

from __future__ import annotations

from api_client import music_endpoints as table
from api_client.calls import Group
from api_client.models import together as models
from api_client.models.base import Done


class Together(Group):
    """Friends' activity, private listening, and group sessions by their code."""

    async def friends(self) -> models.FriendsActivity:
        """Return what the friends hear now or heard last, as far as they let it be seen."""
        return await self._one(models.FriendsActivity, table.FRIENDS_ACTIVITY)

    async def privacy(self) -> models.ListeningPrivacy:
        """Return whom the own listening is shown to."""
        return await self._one(models.ListeningPrivacy, table.LISTENING_PRIVACY)

    async def change_privacy(self, change: models.PrivacyChange) -> models.ListeningPrivacy:
        """Begin or end a private session, or decide for good who sees what is heard."""
        return await self._one(models.ListeningPrivacy, table.CHANGE_LISTENING_PRIVACY, body=change)

    async def time(self) -> models.ServerTime:
        """Return the platform's clock."""
        return await self._one(models.ServerTime, table.SERVER_TIME)

    async def start(self, session: models.NewGroupSession) -> models.GroupSession:
        """Begin a session; another one that the user is in is left."""
        return await self._one(models.GroupSession, table.START_GROUP, body=session)

    async def session(self, code: str) -> models.GroupSession:
        """Return a session that the user is in; raises `NotFound` where it is over, `Forbidden` for others."""
        return await self._one(models.GroupSession, table.GROUP, path={"code": code})

    async def join(self, code: str) -> models.GroupSession:
        """Enter a session; another one is left. Raises `NotFound`, `Forbidden` and `Conflict` for a full one."""
        return await self._one(models.GroupSession, table.JOIN_GROUP, path={"code": code})

    async def leave(self, code: str) -> Done:
        """Leave a session."""
        return await self._one(Done, table.LEAVE_GROUP, path={"code": code})

    async def command(
        self, code: str, command: models.GroupCommand, *, idempotency_key: str | None = None
    ) -> models.GroupSession:
        """Do something in a session and return it as it is then."""
        return await self._one(
            models.GroupSession, table.COMMAND_GROUP, path={"code": code}, body=command,
            idempotency_key=idempotency_key,
        )  # fmt: skip

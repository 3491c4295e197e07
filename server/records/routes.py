"""Routes of records: many at once, whatever they are."""

from __future__ import annotations

from api_client import endpoints
from api_client.models.records import RecordRequest, RecordSet, Transaction
from server.context import Ctx
from server.records import reading, writing
from server.routing import Router

router = Router()


@router.handles(endpoints.WRITE_RECORDS)
async def write(ctx: Ctx, body: Transaction) -> RecordSet:
    """Carry out operations on records of the studio, all or none.

    `txId` makes a repetition harmless for ever; `baseVersions` by `table:id` guards against changes in between, and a
    refusal for that tells the present records in `details.current`. `set-now` writes the platform's moment.
    """
    return await writing.write(ctx, body)


@router.handles(endpoints.GET_RECORDS)
async def get(ctx: Ctx, body: RecordRequest) -> RecordSet:
    """Records by table and id, as one would read them singly; what is unknown or not for the reader is left out.

    Tables: `projects`, `tracks` (of the studio), `clips`, `audio_files`, `posts`, `comments`, `stories`, `playlists`,
    `songs`, `conversations`, `users` by id or username, and `r` by the names of subreddits. Records of the studio come
    with a `deleted` moment when they lie in the trash. Of playlists that fill themselves there may be 20 at most.
    """
    return RecordSet(record_map=await reading.records(ctx, body.pointers))

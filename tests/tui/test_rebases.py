"""Two people on one track of the studio, offline when they like, on a real platform: nothing that was done is lost."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import JsonValue

from api_client import endpoints
from api_client.client import PlatformClient
from api_client.errors import Conflict, Forbidden, NotFound
from api_client.models.records import RecordPointer, Transaction
from api_client.models.studio import Invitation, NewProject, NewStudioTrack
from api_client.operations import ListInsert, Operation, Set
from api_client.sync.intents import Base, Intent, Inverse, sender
from api_client.sync.memory import Disk, MemoryStore
from api_client.sync.outbox import Outbox
from api_client.sync.receipts import Receipt, Status
from tests.shared_platform import SharedPlatform
from tui.rebases import rebases

PASSWORD = "correct horse battery"
PATIENCE = 20.0


class Musician:
    """Somebody at the mixer, with an outbox that outlasts the program."""

    def __init__(self, client: PlatformClient, user_id: str) -> None:
        self.client = client
        self.disk = Disk()
        self._id = user_id
        self.outbox = self._program()

    def _program(self) -> Outbox:
        return Outbox(sender(self.client), store=MemoryStore(self.disk), rebase=rebases(self.client))

    async def restart(self) -> None:
        await self.outbox.close()
        self.outbox = self._program()
        await self.outbox.start()

    async def record(self, pointer: RecordPointer) -> dict[str, Any]:
        found = (await self.client.records.fetch([pointer])).find(pointer.table, pointer.id)
        assert found is not None
        return found

    async def edit(self, seen: dict[str, Any], pointer: RecordPointer, *operations: Operation) -> Receipt:
        """Make a change of the track as it was `seen`, which can be taken back."""
        base = Base(seen["version"], {operation.key: seen[operation.key] for operation in operations})
        back = [
            Set(table=pointer.table, id=pointer.id, key=operation.key, value=seen[operation.key])
            for operation in operations
        ]
        undo = Inverse(endpoints.WRITE_RECORDS, {}, self._transaction(pointer, back, seen["version"]), "change it back")
        return await self.outbox.submit(
            Intent.of(
                endpoints.WRITE_RECORDS,
                body=self._transaction(pointer, operations, seen["version"]),
                object_key=pointer.key,
                created_at=self.client.clock.time(),
                label="change a track",
                base=base,
            ),
            undo=undo,
        )

    def _transaction(self, pointer: RecordPointer, operations: Sequence[Operation], version: int) -> Transaction:
        return Transaction(
            tx_id=str(uuid.uuid4()),
            author_id=self._id,
            operations=list(operations),
            client_timestamp=round(self.client.clock.time() * 1_000),
            base_versions={pointer.key: version},
        )


@dataclass
class Studio:
    ann: Musician
    ben: Musician
    track: RecordPointer

    def set(self, key: str, value: JsonValue) -> Set:
        return Set(table="tracks", id=self.track.id, key=key, value=value)


@asynccontextmanager
async def opened(platform: SharedPlatform) -> AsyncIterator[Studio]:
    await platform.empty()
    async with AsyncExitStack() as stack:
        people = []
        for name in ("ann", "ben"):
            client = await stack.enter_async_context(PlatformClient(platform.url))
            me = await client.accounts.register(name, f"{name}@example.com", PASSWORD)
            people.append(Musician(client, me.id))
        ann, ben = people
        project = await ann.client.studio.create(NewProject(name="Song"))
        await ann.client.studio.invite(project.id, Invitation(username="ben", access="write"))
        track = await ann.client.studio.add_track(project.id, NewStudioTrack(name="Drums", type="audio"))
        yield Studio(ann, ben, RecordPointer(table="tracks", id=track.id))
        for musician in people:
            await musician.outbox.close()


@pytest.fixture
async def studio(platform: SharedPlatform) -> AsyncIterator[Studio]:
    async with opened(platform) as found:
        yield found


async def test_changes_of_different_fields_merge_by_themselves_and_can_be_taken_back(studio: Studio) -> None:
    ann, ben, track = studio.ann, studio.ben, studio.track
    seen = await ann.record(track)
    for musician in (ann, ben):
        musician.outbox.pause("offline")
    louder = await ann.edit(seen, track, studio.set("volume", 2.0), studio.set("pan", -0.5))
    named = await ben.edit(seen, track, studio.set("name", "Kit"))
    await ben.restart()
    assert [receipt.intent.label for receipt in ben.outbox.open] == ["change a track"]
    for musician in (ann, ben):
        musician.outbox.resume()
        assert await musician.outbox.drained(PATIENCE)
    await louder
    assert named.id not in {receipt.id for receipt in ben.outbox.open}
    there = await ann.record(track)
    assert (there["name"], there["volume"], there["pan"]) == ("Kit", 2.0, -0.5)
    assert await ann.outbox.undo() == "change a track"
    assert await ann.outbox.drained(PATIENCE)
    there = await ann.record(track)
    assert (there["name"], there["volume"], there["pan"]) == ("Kit", seen["volume"], seen["pan"])
    assert ann.outbox.attention == ben.outbox.attention == []


async def test_plugins_that_both_put_in_are_both_there(studio: Studio) -> None:
    ann, ben, track = studio.ann, studio.ben, studio.track
    seen = await ann.record(track)
    for musician, plugin in ((ann, "reverb"), (ben, "delay")):
        insert = ListInsert(table="tracks", id=track.id, key="plugins", value={"name": plugin})
        await musician.edit(seen, track, insert)
        await musician.outbox.drained(PATIENCE)
    plugins = [plugin["name"] for plugin in (await ann.record(track))["plugins"]]
    for receipt in ben.outbox.attention:
        assert receipt.conflict is not None
        mine, theirs = (receipt.conflict[side]["plugins"] for side in ("mine", "theirs"))
        assert await ben.outbox.resolve(receipt.id, {"plugins": [*theirs, *mine]})
        assert await ben.outbox.drained(PATIENCE)
        plugins = [plugin["name"] for plugin in (await ann.record(track))["plugins"]]
    assert plugins == ["reverb", "delay"]


@pytest.mark.parametrize(("decision", "expected"), [("mine", "Percussion"), ("theirs", "Kit"), ("Both", "Both")])
async def test_of_one_field_that_both_changed_a_person_decides_also_after_a_restart(
    studio: Studio, decision: str, expected: str
) -> None:
    ann, ben, track = studio.ann, studio.ben, studio.track
    seen = await ann.record(track)
    ben.outbox.pause("offline")
    receipt = await ben.edit(seen, track, studio.set("name", "Percussion"), studio.set("muted", True))
    await (await ann.edit(seen, track, studio.set("name", "Kit")))
    ben.outbox.resume()
    with pytest.raises(Conflict):
        await receipt
    assert (await ann.record(track))["name"] == "Kit"
    await ben.restart()
    (held,) = ben.outbox.attention
    conflict = held.conflict
    assert conflict is not None
    assert [conflict[side]["name"] for side in ("base", "mine", "theirs")] == ["Drums", "Percussion", "Kit"]
    chosen = conflict[decision]["name"] if decision in conflict else decision
    assert await ben.outbox.resolve(held.id, {"name": chosen})
    assert await ben.outbox.drained(PATIENCE)
    there = await ann.record(track)
    assert (there["name"], there["muted"]) == (expected, True), "what nobody else touched is not given up"
    assert held.status is Status.DONE
    assert ben.outbox.open == []


async def test_what_may_not_be_written_any_more_is_kept_with_the_reason(studio: Studio) -> None:
    ann, ben, track = studio.ann, studio.ben, studio.track
    seen = await ann.record(track)
    ben.outbox.pause("offline")
    receipt = await ben.edit(seen, track, studio.set("name", "Percussion"))
    await (await ann.edit(seen, track, studio.set("name", "Kit")))
    await ann.client.studio.remove_collaborator(seen["projectId"], (await ben.client.accounts.me()).id)
    ben.outbox.resume()
    with pytest.raises((Forbidden, NotFound)):
        await receipt
    assert receipt.status is Status.ATTENTION, "it is not thrown away"

"""What every `OutboxStore` promises, to be run on each: give the class a fixture `place`, and collect it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from api_client import endpoints as table
from api_client.models.posts import NewComment
from api_client.sync import Base, Intent, Status
from api_client.sync.ports import Draft, OutboxStore, Step, StepState, Stored

Place = Callable[[], OutboxStore]
"""Makes a store on the same files, unopened: what another process, or the next start, would have."""


def like(post: str = "1", **more: object) -> Intent:
    return Intent.of(
        table.LIKE,
        params={"id": post},
        object_key=f"posts:{post}",
        created_at=10.5,
        label="like",
        **more,  # type: ignore[arg-type]
    )


def comment(text: str, key: str | None = None) -> Intent:
    return Intent.of(
        table.CREATE_COMMENT,
        params={"id": "1"},
        body=NewComment(body=text),
        object_key="posts:1",
        created_at=11.25,
        label="comment on a post",
        idempotency_key=key,
        not_before=16.25,
        base=Base(7, {"name": "é", "tags": ["a", 1, None], "deep": {"x": [True]}}),
        holds_words=True,
        attachments=("/tmp/a.jpg", "/tmp/b c.jpg"),
    )


_UNLIKE = Intent.of(table.UNLIKE, params={"id": "9"}, object_key="posts:9", created_at=1.0, label="unlike")


def step(of: Intent, state: StepState = StepState.DONE) -> Step:
    return Step(of.idempotency_key, "commented", 12.0, of, _UNLIKE, state, 17.0)


class StoreContract:
    """Subclass it as `Test...` with a fixture `place`."""

    @pytest.fixture
    def place(self) -> Place:
        raise NotImplementedError

    async def test_a_new_store_is_empty(self, place: Place) -> None:
        store = place()
        contents = await store.open()
        assert (list(contents.intents), list(contents.steps), list(contents.complaints)) == ([], [], [])
        assert list(await store.drafts()) == []
        assert await store.changes() is None
        await store.close()

    async def test_what_was_appended_is_found_by_the_next_start_in_order_and_whole(self, place: Place) -> None:
        store = place()
        await store.open()
        taken = [like("1"), comment("Grüße 👋🏽\n\x00\"'"), like("2"), like("1")]
        seqs = [await store.append(intent) for intent in taken]
        assert seqs == sorted(set(seqs))
        await store.close()
        again = place()
        contents = await again.open()
        assert [(stored.seq, stored.intent) for stored in contents.intents] == list(zip(seqs, taken, strict=True))
        assert {stored.status for stored in contents.intents} == {Status.QUEUED}
        assert contents.intents[1].intent.body == NewComment(body=taken[1].body.body)
        await again.close()

    async def test_the_same_key_twice_is_one_and_changes_nothing(self, place: Place) -> None:
        store = place()
        await store.open()
        first = comment("first", "the-key")
        seq = await store.append(first)
        await store.keep_draft(Draft("post", {"text": "x"}, 1.0, "me"))
        assert await store.append(comment("second", "the-key"), draft="post", steps=[step(first)]) == seq
        await store.close()
        contents = await (again := place()).open()
        assert [stored.intent for stored in contents.intents] == [first]
        assert list(contents.steps) == []
        assert [draft.key for draft in await again.drafts()] == ["post"]
        await again.close()

    async def test_the_draft_goes_and_the_step_comes_with_the_intent(self, place: Place) -> None:
        store = place()
        await store.open()
        await store.keep_draft(Draft("comment:1:", {"text": "mine"}, 1.0, "me"))
        await store.keep_draft(Draft("comment:1:", {"text": "from another window"}, 2.0, "other"))
        await store.keep_draft(Draft("post", {"title": "another"}, 3.0, "me"))
        intent = comment("mine")
        await store.append(intent, draft="comment:1:", steps=[step(intent)])
        assert [draft.key for draft in await store.drafts()] == ["post"]
        await store.close()
        contents = await (again := place()).open()
        assert list(contents.steps) == [step(intent)]
        await again.close()

    async def test_marks_are_stored_whole(self, place: Place) -> None:
        store = place()
        await store.open()
        intent = comment("x")
        seq = await store.append(intent)
        conflict = {"base": {"name": "a"}, "mine": {"name": "ä"}, "theirs": {"name": None}, "version": 9}
        for status in (Status.SENDING, Status.WAITING, Status.HELD, Status.ATTENTION):
            marked = Stored(seq, intent, status, "No connection.", 3, 99.5, conflict)
            assert await store.mark(marked)
            other = place()
            assert list((await other.open()).intents) == [marked]
            await other.close()
        assert await store.mark(Stored(seq, intent))
        await store.close()
        contents = await (again := place()).open()
        assert list(contents.intents) == [Stored(seq, intent)]
        await again.close()

    async def test_a_mark_never_changes_the_intent_and_never_meets_another(self, place: Place) -> None:
        store = place()
        await store.open()
        old, new = comment("old"), comment("new")
        seq = await store.append(old)
        assert await store.replace(seq, new, was=old.idempotency_key)
        assert not await store.mark(Stored(seq, old, Status.SENDING))
        assert await store.mark(Stored(seq, replace(old, idempotency_key=new.idempotency_key), Status.WAITING))
        assert not await store.mark(Stored(seq + 1, old, Status.SENDING))
        await store.close()
        (stored,) = (await (again := place()).open()).intents
        assert (stored.intent, stored.status) == (new, Status.WAITING)
        await again.close()

    async def test_a_replaced_intent_keeps_its_turn_and_is_as_new(self, place: Place) -> None:
        store = place()
        await store.open()
        old, later, new = comment("old"), like("3"), comment("new")
        seq = await store.append(old)
        after = await store.append(later)
        await store.mark(Stored(seq, old, Status.ATTENTION, "refused", 2, 5.0, {"version": 1}))
        assert await store.replace(seq, new, was=old.idempotency_key)
        assert await store.append(new) == seq
        same = replace(new, payload='{"body":"newer"}')
        assert await store.replace(seq, same, was=new.idempotency_key)
        assert not await store.replace(seq, old, was=old.idempotency_key)
        assert not await store.replace(after + 1, old, was=later.idempotency_key)
        await store.close()
        contents = await (again := place()).open()
        assert list(contents.intents) == [Stored(seq, same), Stored(after, later)]
        await again.close()

    async def test_what_is_on_its_way_is_neither_replaced_nor_discarded(self, place: Place) -> None:
        store = place()
        await store.open()
        going, staying = like("1"), like("2")
        seq, other = await store.append(going), await store.append(staying)
        await store.mark(Stored(seq, going, Status.SENDING, None, 1, 5.0))
        assert not await store.replace(seq, like("3"), was=going.idempotency_key)
        assert not await store.discard([other, seq], steps=[step(going)])
        assert not await store.discard([other, other + 5])
        contents = await (second := place()).open()
        assert ([stored.seq for stored in contents.intents], list(contents.steps)) == ([seq, other], [])
        assert await store.discard([other], steps=[step(going)])
        await second.close()
        await store.close()
        contents = await (again := place()).open()
        assert ([stored.seq for stored in contents.intents], list(contents.steps)) == ([seq], [step(going)])
        await again.close()

    async def test_what_is_finished_goes_and_its_number_is_never_used_again(self, place: Place) -> None:
        store = place()
        await store.open()
        seq = await store.append(like())
        await store.finish(seq, '{"liked":true}')
        await store.finish(seq, None)
        await store.close()
        again = place()
        assert list((await again.open()).intents) == []
        assert await again.append(like()) > seq
        await again.close()

    async def test_a_key_that_was_confirmed_is_not_taken_on_again_and_one_that_was_discarded_is(
        self, place: Place
    ) -> None:
        store, other = place(), place()
        await store.open()
        done, gone = like("1"), comment("words")
        seq, discarded = await store.append(done), await store.append(gone)
        await store.finish(seq, '{"liked":true}')
        await store.discard([discarded])
        await store.keep_draft(Draft("post", {"text": "x"}, 1.0, "me"))
        await other.open()
        for one in (store, other):
            assert await one.append(done, draft="post", steps=[step(done)]) == seq
        assert [draft.key for draft in await store.drafts()] == ["post"]
        again = await store.append(gone)
        assert again > discarded
        await store.close()
        await other.close()
        contents = await (last := place()).open()
        assert ([(stored.seq, stored.intent) for stored in contents.intents], list(contents.steps)) == (
            [(again, gone)],
            [],
        )
        await last.close()

    async def test_the_history_is_stored_whole(self, place: Place) -> None:
        store = place()
        await store.open()
        one = step(comment("one"))
        two = Step("id", "two", 1.0, None, None, StepState.UNDONE, None)
        await store.keep_steps([one, two])
        await store.keep_steps([two, one])
        await store.close()
        again = place()
        assert list((await again.open()).steps) == [two, one]
        await again.keep_steps([])
        await again.close()
        contents = await (last := place()).open()
        assert list(contents.steps) == []
        await last.close()

    async def test_each_writer_of_a_draft_has_a_version_the_last_one_first(self, place: Place) -> None:
        store = place()
        await store.open()
        await store.keep_draft(Draft("post", {"title": "t", "body": "b\nc"}, 1.0, "me"))
        await store.keep_draft(Draft("post", {"title": "u"}, 3.0, "other"))
        await store.keep_draft(Draft("message:7", {"text": "hi"}, 2.0, "me"))
        await store.keep_draft(Draft("post", {"title": "tt", "body": ""}, 4.0, "me"))
        await store.close()
        again = place()
        await again.open()
        assert list(await again.drafts()) == [
            Draft("post", {"title": "tt", "body": ""}, 4.0, "me"),
            Draft("post", {"title": "u"}, 3.0, "other"),
            Draft("message:7", {"text": "hi"}, 2.0, "me"),
        ]
        await again.drop_draft("post")
        await again.drop_draft("unknown")
        assert [draft.key for draft in await again.drafts()] == ["message:7"]
        await again.close()

    async def test_another_window_keeps_what_it_typed_when_this_one_sends_or_forgets_its_own(
        self, place: Place
    ) -> None:
        store = place()
        await store.open()
        for key in ("a", "b"):
            for writer in ("me", "before me", "window"):
                await store.keep_draft(Draft(key, {"text": writer}, 1.0, writer))
        await store.append(like(), draft="a", keep_writers=["window", "nobody"])
        await store.drop_draft("b", keep_writers=["window"])
        await store.close()
        again = place()
        await again.open()
        assert {(draft.key, draft.writer) for draft in await again.drafts()} == {("a", "window"), ("b", "window")}
        await again.close()

    async def test_other_processes_hear_of_everything_and_nobody_of_his_own(self, place: Place) -> None:
        mine, theirs = place(), place()
        await mine.open()
        await theirs.open()
        first, second, third = comment("first"), like("2"), like("3")
        seqs = [await mine.append(intent) for intent in (first, second, third)]
        await mine.keep_steps([step(first)])
        delta = await theirs.changes()
        assert delta is not None
        assert [(stored.seq, stored.intent) for stored in delta.changed] == list(
            zip(seqs, (first, second, third), strict=True)
        )
        assert list(delta.steps or ()) == [step(first)]
        assert await theirs.changes() is None
        assert await mine.changes() is None
        edited = comment("edited")
        assert await mine.replace(seqs[0], edited, was=first.idempotency_key)
        await mine.mark(Stored(seqs[0], edited, Status.ATTENTION, "no", 1, 2.0, {"version": 3}))
        await mine.finish(seqs[1], '{"liked":true}')
        await mine.discard([seqs[2]])
        delta = await theirs.changes()
        assert delta is not None
        assert list(delta.changed) == [Stored(seqs[0], edited, Status.ATTENTION, "no", 1, 2.0, {"version": 3})]
        assert {key: json.loads(reply or "null") for key, reply in delta.done.items()} == {
            second.idempotency_key: {"liked": True}
        }
        assert list(delta.discarded) == [third.idempotency_key]
        assert delta.steps is None
        assert await mine.changes() is None
        await mine.close()
        await theirs.close()

    async def test_what_came_and_went_between_two_looks_is_still_heard_of(self, place: Place) -> None:
        mine, theirs = place(), place()
        await mine.open()
        await theirs.open()
        done, gone = like("1"), like("2")
        await mine.finish(await mine.append(done), None)
        await mine.discard([await mine.append(gone)])
        delta = await theirs.changes()
        assert delta is not None
        assert dict(delta.done) == {done.idempotency_key: None}
        assert list(delta.discarded) == [gone.idempotency_key]
        assert list(delta.changed) == []
        await mine.close()
        await theirs.close()

    async def test_two_processes_decide_one_race_between_them(self, place: Place) -> None:
        leader, other = place(), place()
        await leader.open()
        await other.open()
        intent = like()
        seq = await leader.append(intent)
        outcomes = await asyncio.gather(
            leader.mark(Stored(seq, intent, Status.SENDING, None, 1, 1.0)), other.discard([seq])
        )
        assert sorted(outcomes) == [False, True]
        await leader.close()
        await other.close()

    async def test_many_at_once_lose_nothing(self, place: Place) -> None:
        mine, theirs = place(), place()
        await mine.open()
        await theirs.open()
        intents = [like(str(number)) for number in range(200)]
        await asyncio.gather(*((mine if n % 2 else theirs).append(intent) for n, intent in enumerate(intents)))
        await mine.close()
        await theirs.close()
        contents = await (again := place()).open()
        assert {stored.intent.idempotency_key for stored in contents.intents} == {
            intent.idempotency_key for intent in intents
        }
        await again.close()

"""A chat's messages: one order, nothing twice, nothing lost, whatever comes in whichever order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api_client.models.chat import Message
from tui.state.message_entries import Asked, Delivery, key_of
from tui.state.messages import Transcript
from tui.state.spans import Spans

START = datetime(2026, 1, 5, tzinfo=UTC)
PAGE = 3


def message(number: int, sender: str = "bob", client_id: str | None = None, **fields: object) -> Message:
    at = START + timedelta(seconds=number)
    return Message(
        id=f"m{number:03}",
        chat_id="c",
        sender_id=sender,
        content=f"words {number}",
        client_id=client_id,
        created_at=at,
    ).changed(**fields)


def echo(client_id: str) -> Message:
    return Message(id=client_id, chat_id="c", sender_id="me", client_id=client_id, created_at=START)


def shown(transcript: Transcript) -> list[tuple[str, str, Delivery]]:
    return [(entry.key, entry.message.id, entry.delivery) for entry in transcript.entries]


# -- one message


def test_the_own_echo_and_the_message_are_one_entry_whichever_comes_first() -> None:
    confirmed = message(1, "me", "k")
    for events in permutations(("echo", "socket", "reply")):
        transcript = Transcript("me")
        for event in events:
            if event == "echo":
                transcript.echo(echo("k"))
            else:
                transcript.arrive(confirmed, heard=event == "socket")
            assert [entry.key for entry in transcript.entries] == ["k"], "there is always exactly one"
        assert shown(transcript) == [("k", "m001", Delivery.SENT)]


def test_somebody_else_cannot_answer_for_an_own_message_by_its_client_id() -> None:
    transcript = Transcript("me")
    transcript.echo(echo("k"))
    transcript.arrive(message(1, "bob", "k"), heard=True)
    assert shown(transcript) == [("m001", "m001", Delivery.SENT), ("k", "k", Delivery.SENDING)]


def test_whatever_order_six_events_come_in_the_end_is_the_same() -> None:
    events: dict[str, Callable[[Transcript], object]] = {
        "mine": lambda t: t.arrive(message(2, "me", "k"), heard=True),
        "reply": lambda t: t.arrive(message(2, "me", "k", read_by=["bob"], is_read=True), heard=False),
        "theirs": lambda t: t.arrive(message(3), heard=True),
        "unsent": lambda t: t.forget("m003"),
        "read": lambda t: t.read_up_to("m004", "bob"),
        "last": lambda t: t.arrive(message(4, "me", "l"), heard=True),
    }
    ends = set()
    for order in permutations(events):
        transcript = Transcript("me")
        transcript.take_newest([message(1)], False, transcript.asking())
        transcript.echo(echo("k"))
        for name in order:
            events[name](transcript)
            keys = [entry.key for entry in transcript.entries]
            assert len(set(keys)) == len(keys)
        ends.add(tuple((e.key, e.message.id, e.delivery, *e.message.read_by) for e in transcript.entries))
        assert transcript.holes == []
    assert ends == {
        (
            ("m001", "m001", Delivery.SENT),
            ("k", "m002", Delivery.SENT, "bob"),
            ("l", "m004", Delivery.SENT, "bob"),
        )
    }


def test_waiting_and_refused_messages_keep_their_order_and_say_why() -> None:
    transcript = Transcript("me")
    for client_id in "abc":
        transcript.echo(echo(client_id))
    transcript.mark("a", Delivery.WAITING, "There is no connection.")
    transcript.mark("b", Delivery.REFUSED, "You are not in this chat.")
    transcript.echo(echo("a"))
    found = [(entry.key, entry.delivery, entry.reason) for entry in transcript.entries]
    assert found == [
        ("a", Delivery.WAITING, "There is no connection."),
        ("b", Delivery.REFUSED, "You are not in this chat."),
        ("c", Delivery.SENDING, None),
    ]
    assert transcript.withdraw("b")
    assert [entry.key for entry in transcript.entries] == ["a", "c"]


def test_an_echo_without_a_client_id_is_a_fault() -> None:
    with pytest.raises(ValueError, match="client id"):
        Transcript("me").echo(message(1))


def test_a_message_that_is_gone_does_not_come_back_with_an_answer_that_is_late() -> None:
    transcript = Transcript("me")
    asked = transcript.asking()
    page = [message(2), message(1)]
    transcript.take_newest(page, False, asked)
    transcript.forget("m001")
    transcript.take_newest(page, False, asked)
    transcript.arrive(message(1), heard=True)
    assert [entry.key for entry in transcript.entries] == ["m002"]


def test_what_is_not_on_a_newer_page_any_more_was_taken_back_meanwhile() -> None:
    transcript = Transcript("me")
    transcript.restore([message(1), message(2), message(3)], [["m001", "m002", "m003"]], True)
    transcript.take_newest([message(3), message(1)], False, transcript.asking())
    assert [entry.key for entry in transcript.entries] == ["m001", "m003"]


def test_a_message_that_came_after_a_page_was_asked_for_is_not_missed_on_it() -> None:
    transcript = Transcript("me")
    asked = transcript.asking()
    transcript.arrive(message(2), heard=True)
    transcript.take_newest([message(3), message(1)], False, asked)
    assert [entry.key for entry in transcript.entries] == ["m001", "m002", "m003"]


# -- holes


def test_a_hole_between_what_is_kept_and_what_is_fetched_stands_until_it_is_filled() -> None:
    transcript = Transcript("me")
    transcript.restore([message(n) for n in (1, 2, 3)], [["m001", "m002", "m003"]], False)
    transcript.take_newest([message(9), message(8)], True, transcript.asking())
    assert transcript.holes == ["m008"]
    transcript.take_before(key_of(message(8)), [message(7), message(6)], True, transcript.asking())
    assert transcript.holes == ["m006"]
    transcript.take_before(key_of(message(6)), [message(n) for n in (5, 4, 3)], True, transcript.asking())
    assert transcript.holes == []
    assert not transcript.complete
    transcript.take_before(key_of(message(1)), [], False, transcript.asking())
    assert transcript.complete


def test_what_comes_while_the_socket_is_connected_leaves_no_hole_and_after_it_was_away_it_may() -> None:
    transcript = Transcript("me")
    transcript.take_newest([message(1)], False, transcript.asking())
    transcript.arrive(message(2), heard=True)
    transcript.arrive(message(4, "me", "k"), heard=False)
    assert transcript.holes == []
    transcript.on_gap()
    transcript.arrive(message(6), heard=True)
    assert transcript.holes == ["m004", "m006"], "also before what was only the answer to a write"
    transcript.take_newest([message(5), message(4), message(3), message(2)], True, transcript.asking())
    assert transcript.holes == []


def test_a_page_that_was_asked_for_before_the_gap_says_nothing_of_the_time_since() -> None:
    transcript = Transcript("me")
    asked = transcript.asking()
    transcript.on_gap()
    transcript.arrive(message(5), heard=True)
    transcript.take_newest([message(2), message(1)], False, asked)
    assert transcript.holes == ["m005"]


def test_a_message_that_is_missing_from_what_was_kept_leaves_a_hole() -> None:
    transcript = Transcript("me")
    transcript.restore([message(1), message(3)], [["m001", "m002", "m003"]], True)
    assert transcript.holes == ["m003"]
    assert transcript.complete, "nothing is missing before the first"


def test_of_a_long_chat_the_middle_is_let_go_of_and_a_hole_stands_there() -> None:
    transcript = Transcript("me")
    transcript.take_newest([message(n) for n in range(10, 0, -1)], False, transcript.asking())
    (stretch,) = transcript.thin_out(2, lambda m: m.id <= "m003")
    assert [m.id for m in stretch] == [f"m{n:03}" for n in range(3, 10)], "with those beside it"
    assert [m.id for m in transcript.messages] == ["m001", "m002", "m003", "m009", "m010"]
    assert transcript.holes == ["m009"]
    assert transcript.complete
    transcript.take_before(key_of(message(9)), [message(n) for n in range(8, 2, -1)], True, transcript.asking())
    assert transcript.holes == []
    assert len(transcript.messages) == 10
    (stretch,) = transcript.thin_out(2, lambda _: False)
    assert [m.id for m in stretch] == [f"m{n:03}" for n in range(1, 10)]
    assert not transcript.complete
    assert not transcript.thin_out(2, lambda _: False)


def test_what_is_new_begins_after_what_the_user_last_read_or_wrote() -> None:
    transcript = Transcript("me")
    transcript.restore([message(n) for n in (1, 2, 3, 4)], [], True)
    assert transcript.first_unread(0) is None
    assert transcript.first_unread(2) == message(3)
    transcript.read_up_to("m001", "me")
    assert transcript.first_unread(0) == message(2)
    transcript.arrive(message(5, "me", "k"), heard=True)
    assert transcript.first_unread(0) is None
    transcript.arrive(message(6), heard=True)
    assert transcript.first_unread(0) == message(6)
    assert not transcript.has_read(message(6))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12), st.integers(0, 12)), max_size=12))
def test_stretches_know_what_was_covered_and_not_opened_since(steps: list[tuple[bool, int, int]]) -> None:
    spans, known = Spans(), set[int]()  # of the gaps between the numbers n and n + 1
    for cover, one, other in steps:
        low, high = sorted((one, other))
        if cover:
            spans.cover(key_of(message(low)), key_of(message(high)))
            known |= set(range(low, high))
        elif low < high:
            spans.open(key_of(message(low)), key_of(message(high)))
            known -= set(range(low, high))
    for n in range(12):
        assert spans.joins(key_of(message(n)), key_of(message(n + 1))) == (n in known)


def test_the_page_after_a_message_joins_it_and_another_page_is_not_taken_for_it() -> None:
    transcript = Transcript("me")
    transcript.take_newest([message(9), message(8)], True, transcript.asking())
    transcript.restore([message(1), message(2), message(4)], [["m001", "m002", "m004"]], True)
    edge = key_of(message(2))
    assert not transcript.take_after(edge, [message(9), message(8)], True, transcript.asking())
    assert [m.id for m in transcript.messages] == ["m001", "m002", "m004", "m008", "m009"]
    assert transcript.take_after(edge, [message(3), message(5)], True, transcript.asking())
    assert [m.id for m in transcript.messages] == ["m001", "m002", "m003", "m005", "m008", "m009"], "4 was taken back"
    assert transcript.holes == ["m008"]
    assert transcript.take_after(key_of(message(5)), [message(n) for n in (6, 7, 8, 9)], False, transcript.asking())
    assert transcript.holes == []


# -- everything at once


@dataclass
class Platform:
    """The truth: messages in their order, and what travels to the one terminal."""

    messages: list[Message] = field(default_factory=list)
    count: int = 0
    socket: list[Callable[[Transcript], object]] = field(default_factory=list)
    answers: list[Callable[[Transcript], object]] = field(default_factory=list)

    def take(self, sender: str, client_id: str | None = None) -> Message:
        self.count += 1
        made = message(self.count, sender, client_id)
        self.messages.append(made)
        self.socket.append(lambda t: t.arrive(made, heard=True))
        return made

    def unsend(self, place: int) -> None:
        gone = self.messages.pop(place)
        self.socket.append(lambda t: t.forget(gone.id))

    def newest(self, asked: Asked) -> Callable[[Transcript], object]:
        page, more = self.messages[: -PAGE - 1 : -1], len(self.messages) > PAGE
        return lambda t: t.take_newest(page, more, asked)

    def before(self, edge: Message, asked: Asked) -> Callable[[Transcript], object]:
        older = [m for m in self.messages if key_of(m) < key_of(edge)]
        page, more = older[: -PAGE - 1 : -1], len(older) > PAGE
        return lambda t: t.take_before(key_of(edge), page, more, asked)


class Terminal:
    """What the user sees, and what survives a restart."""

    def __init__(self) -> None:
        self.platform = Platform()
        self.transcript = Transcript("me")
        self.open: list[str] = []
        """Client ids of what is written and not confirmed, in order."""
        self.sent: dict[str, Message] = {}
        self.written = 0

    def write(self) -> None:
        self.written += 1
        self.open.append(f"k{self.written}")
        self.transcript.echo(echo(self.open[-1]))

    def deliver(self, client_id: str) -> None:
        """The platform takes a message; its answer is on the way. Taken once, however often it is sent."""
        if client_id not in self.sent:
            self.sent[client_id] = self.platform.take("me", client_id)
        made = self.sent[client_id]
        if all(m.id != made.id for m in self.platform.messages):
            made = made.changed(is_deleted=True, content="")

        def answer(transcript: Transcript) -> None:
            transcript.arrive(made, heard=False)
            if client_id in self.open:
                self.open.remove(client_id)

        self.platform.answers.append(answer)

    def restart(self) -> None:
        self.platform.socket.clear()
        self.platform.answers.clear()
        before = self.transcript
        kept = before.messages[-4:]
        begins = before.complete and bool(kept) and kept[0] == before.oldest
        self.transcript = Transcript("me")
        self.transcript.restore(kept, before.runs(kept), begins)
        for client_id in self.open:
            self.transcript.echo(echo(client_id))

    def settle(self) -> None:
        """Everything that travels arrives, the socket is connected anew, every hole on the screen is filled."""
        for client_id in list(self.open):
            self.deliver(client_id)
        for event in (*self.platform.socket, *self.platform.answers):
            event(self.transcript)
        self.transcript.on_gap()
        self.platform.newest(self.transcript.asking())(self.transcript)
        for _ in range(60):
            oldest = self.transcript.oldest
            edges = [*self.transcript.holes, *([oldest.id] if oldest and not self.transcript.complete else [])]
            if not edges:
                return
            edge = self.transcript.get(edges[-1])
            assert edge is not None
            self.platform.before(edge, self.transcript.asking())(self.transcript)
        raise AssertionError("the holes are never filled")


STEPS = ["theirs", "write", "deliver", "hear", "answer", "newest", "older", "unsend", "gap", "restart", "thin"]


@settings(max_examples=400)
@given(st.data())
def test_however_pages_events_answers_gaps_and_restarts_mix_the_end_is_the_platforms(data: st.DataObject) -> None:
    here = Terminal()
    platform = here.platform
    for step in data.draw(st.lists(st.sampled_from(STEPS), max_size=30)):
        transcript = here.transcript
        if step == "theirs":
            platform.take("bob")
        elif step == "write":
            here.write()
        elif step == "deliver" and here.open:
            here.deliver(here.open[0])
        elif step == "hear" and platform.socket:
            platform.socket.pop(0)(transcript)
        elif step == "answer" and platform.answers:
            platform.answers.pop(data.draw(st.integers(0, len(platform.answers) - 1)))(transcript)
        elif step == "newest":
            platform.answers.append(platform.newest(transcript.asking()))
        elif step == "older" and transcript.messages:
            edge = data.draw(st.sampled_from(transcript.messages))
            platform.answers.append(platform.before(edge, transcript.asking()))
        elif step == "unsend" and platform.messages:
            platform.unsend(data.draw(st.integers(0, len(platform.messages) - 1)))
        elif step == "gap":
            platform.socket.clear()
            transcript.on_gap()
        elif step == "restart":
            here.restart()
        elif step == "thin":
            transcript.thin_out(2, lambda _: False)
        entries = here.transcript.entries
        assert len({entry.key for entry in entries}) == len(entries), "nothing twice"
        keys = [key_of(m) for m in here.transcript.messages]
        assert keys == sorted(keys)
        waiting = [entry.key for entry in here.transcript.on_the_way]
        assert waiting == [key for key in here.open if key in waiting], "in the order they were written"
    here.settle()
    assert [m.id for m in here.transcript.messages] == [m.id for m in platform.messages]
    assert here.transcript.on_the_way == []
    assert not here.open


@given(
    st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.booleans()), min_size=1, max_size=20),
    st.integers(0, 20),
    st.booleans(),
)
def test_messages_that_are_taken_in_together_end_as_one_after_the_other(
    coming: list[tuple[int, bool, bool]], known: int, live: bool
) -> None:
    messages = [message(number, "me" if mine else "bob", is_deleted=gone) for number, mine, gone in coming]
    together, single = Transcript("me"), Transcript("me")
    for transcript in (together, single):
        if live:
            transcript.take_newest([message(n) for n in range(known % 5)], True, transcript.asking())
        transcript.read_up_to("m003", "bob")
    together.arrive_all(messages, heard=True)
    for one in messages:
        single.arrive(one, heard=True)
    assert together.entries == single.entries
    assert together.holes == single.holes
    for transcript in (together, single):
        transcript.on_gap()
        transcript.take_newest([message(n) for n in (11, 12, 13)], True, transcript.asking())
    assert together.entries == single.entries
    assert together.holes == single.holes


def test_an_entry_is_the_same_one_as_long_as_nothing_of_its_message_changes() -> None:
    transcript = Transcript("me")
    transcript.arrive_all([message(1), message(2)], heard=True)
    first, second = transcript.entries
    transcript.arrive(message(3), heard=True)
    assert transcript.entries[0] is first
    transcript.read_up_to("m002", "ann")
    assert transcript.entries[1] is not second
    assert transcript.entries[1].message.read_by == ["ann"]

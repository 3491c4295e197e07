"""Each kind of step, carried out."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Callable
from typing import Any

from websockets.exceptions import ConnectionClosed

from api_client.inspect.smoke import asking, contract, watching
from api_client.inspect.smoke.checks import Checks
from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.context import Context, Words
from api_client.inspect.smoke.expecting import Expect, read_cell
from api_client.inspect.smoke.results import Failure
from api_client.inspect.smoke.sockets import HandshakeTrouble, LiveSocket
from api_client.inspect.smoke.step_shapes import (
    AssertStep,
    ConnectStep,
    DisconnectStep,
    EventsStep,
    MatrixStep,
    RequestStep,
    SendStep,
    SetStep,
    Step,
    SubscribeStep,
    WaitStep,
)
from api_client.inspect.smoke.values import ValueTrouble, ask, brief, filled, filled_jq, filled_text
from api_client.inspect.smoke.walking import walk
from api_client.inspect.smoke.wire import Exchange

OPEN_SECONDS = 10.0
ASK_AGAIN_SECONDS = 0.1


async def carry_out(context: Context, step: Step, checks: Checks) -> None:
    """Carry out one step and note in `checks` what was found. Raises ValueTrouble where a variable is not known."""
    match step:
        case RequestStep():
            await _request(context, step, checks)
        case MatrixStep():
            await _matrix(context, step, checks)
        case ConnectStep():
            await _connect(context, step, checks)
        case DisconnectStep():
            for name in step.disconnect:
                socket = context.socket(name)
                await socket.close(cut=step.cut)
                del context.sockets[socket.name]
        case SubscribeStep():
            await _subscribe(context, step, checks)
        case SendStep():
            await _send(context, step, checks)
        case EventsStep():
            await watching.watch(context, step.events, watching.since_last_look(context), context.words, checks)
        case AssertStep():
            asking.judge_predicates(step.predicates, context.words.values_, context.words, checks)
        case SetStep():
            for name, value in step.set.items():
                context.keep(name, _set_value(context, value))
        case WaitStep():
            await asyncio.sleep(step.wait)
    watching.note_frames(context, checks)


def _set_value(context: Context, value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"jq"}:
        return ask(filled_jq(str(value["jq"]), context.words), context.words.values_, context.words)
    return filled(value, context.words)


async def _request(context: Context, step: RequestStep, checks: Checks) -> None:
    person = await context.person(step.person)
    moment = watching.now(context)
    reply: asking.Reply | None = None
    for nth in range(1, step.times + 1):
        words = context.words.with_(nth=nth)
        prepared = asking.prepare(context, step.request, step, person, words)
        if step.eventually is not None:
            reply = await _eventually(context, step, prepared, words, checks)
        elif step.walk is not None:
            reply = await walk(context, step, person, words, checks)
        else:
            exchange = await asking.send(context, prepared)
            reply = asking.judge(context, exchange, step.expect, words, checks)
            if reply is not None and step.idempotent:
                await _again(context, prepared, exchange, checks)
        if reply is None:
            break
    if reply is not None:
        asking.capture(context, step.capture, reply.value, reply.words, checks)
    if step.events is not None and reply is not None and not _lacks_capture(step, checks):
        about = {name: reply.words[name] for name in ("status", "headers", "ms", "size", "text")}
        await watching.watch(context, step.events, moment, context.words.with_(reply=reply.value, **about), checks)


def _lacks_capture(step: RequestStep, checks: Checks) -> bool:
    """Whether the events speak of something that could not be captured."""
    names = {f"capture {name}" for name in step.capture}
    return any(check.failure and check.name in names for check in checks.made)


async def _eventually(
    context: Context, step: RequestStep, prepared: asking.Prepared, words: Words, checks: Checks
) -> asking.Reply | None:
    deadline = time.perf_counter() + (step.eventually or 0.0)
    while True:
        tried = Checks(context.means.redactor)
        exchange = await asking.send(context, prepared)
        reply = asking.judge(context, exchange, step.expect, words, tried)
        if not tried.failed or time.perf_counter() >= deadline:
            checks.take(tried)
            return reply
        await asyncio.sleep(ASK_AGAIN_SECONDS)
        prepared = prepared.again()


async def _again(context: Context, prepared: asking.Prepared, first: Exchange, checks: Checks) -> None:
    second = await asking.send(context, prepared.again())
    if second.trouble is not None:
        checks.wrong("idempotent", second.trouble, second.sentence, exchange=second)
    elif second.status != first.status:
        said = f"the second time the status is {second.status}, the first time it was {first.status}"
        checks.wrong("idempotent", Code.NOT_IDEMPOTENT, said, exchange=second)
    elif _essence(second) != _essence(first):
        said = "the second reply is another one"
        checks.wrong("idempotent", Code.NOT_IDEMPOTENT, said, expected=checks.excerpt(first), exchange=second)
    else:
        checks.passed("idempotent")


def _essence(exchange: Exchange) -> Any:
    """Return what of a reply must be the same each time: `meta` may speak of the request."""
    try:
        value = contract.read_strict(exchange.body)
    except contract.NotJson:
        return exchange.body
    return {name: part for name, part in value.items() if name != "meta"} if isinstance(value, dict) else value


async def _matrix(context: Context, step: MatrixStep, checks: Checks) -> None:
    tries = []
    for request, row in step.rows.items():
        for column, (name, cell) in enumerate(zip(step.people, row.cells, strict=True)):
            told = read_cell(cell)
            if told is not None:
                expect = Expect.model_validate({**told, "match": row.match} if _is_success(told) else told)
                tries.append((not _is_success(told), column, request, row, name, expect))
    # Who is let in may take away what the others are to be refused.
    for refused in (True, False):
        for is_refusal, _, request, row, name, expect in tries:
            if is_refusal is not refused:
                continue
            person = await context.person(name)
            exchange = await asking.send(context, asking.prepare(context, request, row, person, context.words))
            found = Checks(context.means.redactor)
            asking.judge(context, exchange, expect, context.words, found)
            cell = f"{request} as {name}"
            checks.passed(cell)
            for check in found.made:
                if check.failure is not None:
                    check.failure.message = f"{check.name}: {check.failure.message}"
                    checks.fail(cell, check.failure)


def _is_success(told: dict[str, Any]) -> bool:
    return bool(min(told["status"]) < 400)


async def _connect(context: Context, step: ConnectStep, checks: Checks) -> None:
    for name, who in step.connect.items():
        person = await context.person(who)
        called = filled_text(name, context.words)
        if called in context.sockets:
            await context.sockets.pop(called).close()
        socket = LiveSocket(
            called,
            context.means.wire.address.socket,
            person.token,
            by_frame=step.by == "frame",
            changed=context.changed.set,
            received=context.means.coverage.saw_event,
            sent=context.means.coverage.saw_frame,
        )
        check = f"socket {called}"
        try:
            ready = await socket.open(OPEN_SECONDS)
        except HandshakeTrouble as error:
            if step.refused is not None and error.close_code == step.refused:
                checks.passed(check)
            else:
                expected = f"to be closed with {step.refused}" if step.refused is not None else "ready"
                checks.wrong(check, error.code, f"{called}: {error}", expected=expected)
            continue
        finally:
            for failure in socket.take_failures():
                checks.fail(f"frames on {called}", failure)
        context.sockets[called] = socket
        socket.cursor = len(socket.arrivals)
        if step.refused is not None:
            checks.wrong(check, Code.LEAK, f"{called} was opened", expected=f"to be closed with {step.refused}")
        elif person.id and ready.get("userId") != person.id:
            checks.wrong(check, Code.HANDSHAKE, f"ready is for {brief(ready.get('userId'))}", expected=person.id)
        else:
            checks.passed(check)


async def _subscribe(context: Context, step: SubscribeStep, checks: Checks) -> None:
    for name, keys in step.subscribe.items():
        socket = context.socket(name)
        for key in (filled_text(each, context.words) for each in keys):
            start = len(socket.arrivals)

            def answers(socket: LiveSocket = socket, key: str = key, start: int = start) -> list[Any]:
                return [
                    arrival.value
                    for arrival in socket.fresh(start)
                    if arrival.type in ("updates", "error") and arrival.value.get("key") == key
                ]

            check = f"subscribe {key} on {socket.name}"
            if not await _sent(socket, {"type": "subscribe", "key": key}, check, checks):
                continue
            limit = step.within * context.means.patience + context.means.event_grace
            deadline = time.perf_counter_ns() + int(limit * 1e9)
            await watching.until(context, functools.partial(_is_answered, answers, socket), deadline)
            _judge_answer(answers(), step.refused, socket, check, checks)
            socket.cursor = len(socket.arrivals)


def _is_answered(answers: Callable[[], list[Any]], socket: LiveSocket) -> bool:
    return bool(answers()) or socket.closed is not None


def _judge_answer(answers: list[Any], refused: bool, socket: LiveSocket, check: str, checks: Checks) -> None:
    first = answers[0] if answers else None
    if first is None:
        code = Code.CLOSED if socket.closed is not None else Code.NOT_SEEN
        checks.wrong(check, code, f"there was no answer on {socket.name}", expected="updates, or an error")
    elif first["type"] == "error" and not refused:
        checks.wrong(check, Code.FRAME_REFUSED, f"it was refused: {brief(first)}", expected="updates")
    elif first["type"] != "error" and refused:
        checks.wrong(check, Code.LEAK, f"it was allowed: {brief(first)}", expected="an error")
    else:
        checks.passed(check)


async def _sent(socket: LiveSocket, frame: dict[str, Any] | str, check: str, checks: Checks) -> bool:
    try:
        await socket.send(frame)
    except (ConnectionClosed, HandshakeTrouble):
        checks.wrong(check, Code.CLOSED, f"{socket.name} was closed: {socket.closed or 'the line broke'}")
        return False
    return True


async def _send(context: Context, step: SendStep, checks: Checks) -> None:
    socket = context.socket(step.socket)
    frame = filled(step.send, context.words)
    if step.contract == "strict" and step.raw is None:
        complaints = contract.check_own_frame(frame)
        if complaints:
            raise ValueTrouble(f"no client sends this frame: {complaints[0]}")
    moment = watching.now(context)
    text = filled_text(step.raw, context.words) if step.raw is not None else None
    if not await _sent(socket, frame if text is None else text, "sent", checks):
        return
    checks.passed("sent")
    if step.events is not None:
        await watching.watch(context, step.events, moment, context.words, checks)
    else:
        await socket.settled(watching.PONG_SECONDS)
    if step.contract == "strict" and not _awaits_error(step):
        refusals = [a.value for a in socket.fresh(moment.marks[socket.name]) if a.type == "error"]
        if refusals:
            failure = Failure(Code.FRAME_REFUSED, f"it was refused: {brief(refusals[0])}")
            checks.fail("accepted", failure)
        else:
            checks.passed("accepted")


def _awaits_error(step: SendStep) -> bool:
    return step.events is not None and any(rule.type == "error" for rule in step.events.expect)

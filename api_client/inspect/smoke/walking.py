"""A list to its end: every page asked for, every item once."""

from __future__ import annotations

import json
from typing import Any

from api_client.inspect.smoke import asking
from api_client.inspect.smoke.checks import Checks
from api_client.inspect.smoke.codes import Code
from api_client.inspect.smoke.context import Context, Words
from api_client.inspect.smoke.expecting import Expect
from api_client.inspect.smoke.people import Person
from api_client.inspect.smoke.step_shapes import RequestStep
from api_client.inspect.smoke.values import ask, brief, filled_jq

MOST_PAGES = 200
"""Of one list: what goes on for longer is taken to go on for ever."""


async def walk(
    context: Context, step: RequestStep, person: Person, words: Words, checks: Checks
) -> asking.Reply | None:
    """Follow `nextCursor` to the end and hold one reply with all items against what is expected.

    Returns that reply; None where a page could not be had. Raises ValueTrouble.
    """
    page_expected = Expect(status=step.expect.status, contract=step.expect.contract, within=step.expect.within)
    known = filled_jq(step.walk or ".id", words)
    items: list[Any] = []
    seen: set[str] = set()
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        query = step.query if cursor is None else {**step.query, "cursor": cursor}
        prepared = asking.prepare(context, step.request, step.model_copy(update={"query": query}), person, words)
        exchange = await asking.send(context, prepared)
        reply = asking.judge(context, exchange, page_expected, words, checks)
        if reply is None or not isinstance(reply.value, dict) or not isinstance(reply.value.get("data"), list):
            return None
        for item in reply.value["data"]:
            name = json.dumps(ask(known, item, words), sort_keys=True)
            if name in seen:
                checks.wrong("walk", Code.REPEATED, f"{known} {brief(name, 80)} came twice", exchange=exchange)
                return None
            seen.add(name)
            items.append(item)
        cursor = reply.value.get("nextCursor")
        if cursor is None:
            checks.passed("walk")
            whole = asking.Reply(exchange, {**reply.value, "data": items}, reply.words)
            asking.judge_content(whole, step.expect, checks)
            return whole
    checks.wrong("walk", Code.REPEATED, f"there was no end after {MOST_PAGES} pages")
    return None

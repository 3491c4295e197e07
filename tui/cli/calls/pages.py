"""All pages of a cursor list as one document."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tui.cli.calls.request import Request
from tui.cli.exits import CannotGoOn, Exit
from tui.cli.output import read_json

if TYPE_CHECKING:
    from api_client.calls import Reply

Ask = Callable[[Request], Awaitable["Reply"]]


async def all_pages(first: Request, ask: Ask) -> tuple[list[Any], Reply]:
    """Return the decoded pages from `first` on, and the last reply; a refusal ends them and is that last reply.

    Raises CannotGoOn where the platform leads in a circle or sends something other than JSON.
    """
    from api_client.endpoint import Endpoint
    from api_client.replies import unwrap

    anything = Endpoint("raw", "GET", "", None)
    pages: list[Any] = []
    seen: set[str] = set()
    request = first
    while True:
        reply = await ask(request)
        if reply.status >= 300:
            return pages, reply
        page = decoded(reply.body)
        pages.append(page)
        _, cursor = unwrap(page, reply, anything)
        if cursor is None:
            return pages, reply
        if cursor in seen:
            raise CannotGoOn("the platform gives the same page again and again", Exit.FAILED)
        seen.add(cursor)
        request = first.at(cursor)


def merged(pages: list[Any]) -> Any:
    """Return the pages as one document of the shape of each: the items of all, and how the last one ends.

    Raises CannotGoOn for pages that hold no list, or more than one.
    """
    if len(pages) == 1:
        return pages[0]
    if all(isinstance(page, list) for page in pages):
        return [item for page in pages for item in page]
    if all(isinstance(page, dict) for page in pages):
        holder = "data" if all("data" in page for page in pages) else _list_of(pages)
        if holder is not None:
            return {**pages[-1], holder: merged([page[holder] for page in pages])}
    raise CannotGoOn("these pages are no lists that could be merged; --slurp gives them one by one", Exit.FAILED)


def decoded(body: bytes) -> Any:
    """Return the JSON in `body`, its text as it came. Raises CannotGoOn if it is none."""
    try:
        return read_json(body)
    except ValueError as error:
        raise CannotGoOn("the platform answered with something other than JSON", Exit.FAILED) from error


def _list_of(pages: list[Any]) -> str | None:
    """Return the name of the only list that every page has."""
    names = [name for name in pages[0] if all(isinstance(page.get(name), list) for page in pages)]
    return names[0] if len(names) == 1 else None

"""`parlour api`: one request to the platform, and what came back."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from contextlib import AbstractAsyncContextManager, suppress
from typing import TYPE_CHECKING, Any

from tui.cli.durations import seconds_in
from tui.cli.exits import CannotGoOn, Exit, status_of

if TYPE_CHECKING:
    from api_client.calls import Reply
    from api_client.inspect.recorder import Recorder
    from tui.cli.account import Here
    from tui.cli.calls.request import Draft, Request
    from tui.cli.filters import Filter
    from tui.cli.parsers import Commands

_DESCRIPTION = """\
Send one request and write the reply to stdout: the bytes as they came into a pipe, set out in colours on a terminal.
The path is below /api/v1. The method is GET, and POST as soon as there is a body; a POST carries an idempotency key.
"""
_EPILOG = """\
examples:
  parlour api posts/feed
  parlour api posts/feed --paginate -q '.data[].id'
  parlour api GET users/{me}/posts -f limit=3
  parlour api r -f name=synths -F description=@about.txt -F isNsfw=false
  parlour api PUT posts/{last.post}/like --validate
  parlour api tracks/{now_playing} --as curl
  jq -n '{content: "hi"}' | parlour api POST conversations/ID/messages --input -
  parlour api meta --anonymous --verbose

placeholders, in the path and in -F: {me} {me.id} {last.post} {now_playing}
typed fields (-F): true, false, null and numbers; @FILE and @- for the text of a file or of stdin; a[b]=1 and a[]=x nest
--print: H and B are head and body of the request, h and b of the reply, m how long each part took
exit: 0 done, 1 refused or broken contract, 2 wrong use, 3 no answer, 4 sign in first, 130 interrupted
"""
_TIMEOUT = 20.0


def add_parser(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add `api` to the command line."""
    parser = commands.add_parser(
        "api",
        parents=[common],
        help="send one request to the platform",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        usage="parlour api [METHOD] PATH [options]",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="+", metavar="[METHOD] PATH", help="such as posts/feed, or DELETE posts/ID")
    request = parser.add_argument_group("the request")
    request.add_argument("-X", "--method", metavar="METHOD", help="the method")
    request.add_argument("-f", "--raw-field", metavar="K=V", action="append", default=[], help="a field, as text")
    request.add_argument("-F", "--field", metavar="K=V", action="append", default=[], help="a field with a type")
    request.add_argument("-H", "--header", metavar="K:V", action="append", default=[], help="a header")
    request.add_argument("--input", metavar="FILE", help="send this file (- for stdin); fields go to the query")
    request.add_argument("--anonymous", action="store_true", help="without signing in")
    request.add_argument("--retry", type=_count, default=0, metavar="N", help="try N times more where that may help")
    request.add_argument(
        "--timeout", type=_seconds, default=_TIMEOUT, metavar="TIME", help="give up after TIME (default: 20s)"
    )
    request.add_argument("--cache", type=_seconds, metavar="TIME", help="take a reply that is no older, such as 10m")
    request.add_argument("--dry-run", action="store_true", help="write the request and send nothing")
    pages = parser.add_argument_group("lists")
    pages.add_argument("--paginate", action="store_true", help="fetch all pages, and merge them")
    pages.add_argument("--slurp", action="store_true", help="with --paginate: the pages in a list, not merged")
    reply = parser.add_argument_group("the reply")
    reply.add_argument("-q", "--jq", metavar="EXPR", help="write what jq makes of it, once over all pages")
    reply.add_argument("-i", "--include", action="store_true", help="write status and headers too")
    reply.add_argument("--print", metavar="HBhbm", type=_letters, help="which parts to write")
    reply.add_argument("--verbose", action="store_true", help="all parts, as --print HBhbm, without secrets")
    reply.add_argument("--silent", action="store_true", help="write no reply; the exit status says how it went")
    reply.add_argument("--as", dest="form", choices=("curl", "python", "har", "raw"), help="write the call like this")
    reply.add_argument("--error-body", choices=("stdout", "stderr", "none"), help="where the reply of a refusal goes")
    reply.add_argument("--validate", action="store_true", help="hold the reply against the contract")
    reply.add_argument("--allow-escape-sequences", action="store_true", help="let a terminal have what came, as it is")


def run(arguments: argparse.Namespace) -> int:
    """Send the request and write its reply."""
    from tui.cli.calls.request import read_draft

    _check(arguments)
    draft = read_draft(arguments)
    wanted = _filter(arguments)

    import asyncio

    # What is loaded for one call is no garbage, and looking for some takes a tenth of it.
    looks_for_garbage = gc.isenabled()
    gc.disable()
    try:
        return asyncio.run(_Call(arguments, draft, wanted).run())
    finally:
        if looks_for_garbage:
            gc.enable()


class _Call:
    """One run of the command."""

    def __init__(self, arguments: argparse.Namespace, draft: Draft, wanted: Filter | None) -> None:
        self._arguments = arguments
        self._draft = draft
        self._filter = wanted
        self._raw = bool(arguments.allow_escape_sequences)
        self._recorder: Recorder | None = None
        if arguments.verbose or arguments.print or arguments.form:
            from api_client.inspect.recorder import Recorder

            self._recorder = Recorder()

    async def run(self) -> Exit:
        """Return how it ended. Raises CannotGoOn and PlatformError."""
        from tui.cli.calls.placeholders import look_up
        from tui.cli.calls.request import made

        async with self._opened() as here:
            if self._arguments.dry_run and not self._arguments.anonymous:
                self._name_account(here)
            known = await look_up(here, self._draft.names, ask=not self._arguments.dry_run)
            request = made(self._draft, here.client.address, known)
            if self._arguments.dry_run:
                self._show_draft(request)
                return Exit.OK
            if self._recorder is not None:
                here.client.prepare()
            return await self._sent(here, request)

    def _opened(self) -> AbstractAsyncContextManager[Here]:
        from tui.cli.account import open_anonymous, signed_in

        if self._arguments.anonymous or self._arguments.dry_run:
            return open_anonymous(self._arguments, recorder=self._recorder)
        return signed_in(self._arguments, recorder=self._recorder)

    def _name_account(self, here: Here) -> None:
        """Note whose request it would be, if that is known on this machine: of a token in the environment it is not."""
        from tui.cli.account import find_account

        wanted = getattr(self._arguments, "account", None)
        if os.environ.get("PARLOUR_TOKEN") and not wanted:
            return
        with suppress(CannotGoOn):
            here.account = find_account(here.paths, wanted, self._arguments.url)

    def _show_draft(self, request: Request) -> None:
        from api_client.inspect.redaction import Redactor
        from tui.cli.calls.showing import drafted, write_exchange, write_form

        call = drafted(request, signed_in=not self._arguments.anonymous)
        if self._arguments.form in (None, "raw"):
            write_exchange("HB", call, Redactor(), raw=self._raw)
        else:
            write_form(self._arguments.form, [call], Redactor(), raw=self._raw)

    async def _sent(self, here: Here, request: Request) -> Exit:
        async def ask(each: Request) -> Reply:
            return await self._ask(here, each)

        pages: list[Any] | None = None
        if self._draft.paginate:
            from tui.cli.calls.pages import all_pages

            pages, reply = await all_pages(request, ask)
        else:
            reply = await ask(request)
        failed = reply.status >= 300
        if not self._arguments.silent:
            await self._show(here, reply, None if failed else pages)
        ending = await self._judged(here, reply) if failed else Exit.OK
        if self._arguments.validate and not self._valid(request, reply):
            ending = ending or Exit.FAILED
        return ending

    async def _ask(self, here: Here, request: Request) -> Reply:
        from tui.cli.calls.kept_replies import KeptReplies

        kept = None
        if self._arguments.cache is not None and self._recorder is None:
            whose = here.account.key if here.account is not None else await _fingerprint(here)
            kept = KeptReplies(here.paths.cache / "api", whose, here.client.clock.time())
            found = kept.find(request, self._arguments.cache)
            if found is not None:
                return found
        reply = await here.client.raw(
            request.method,
            request.url,
            headers=request.headers,
            content=request.content,
            deadline=self._arguments.timeout,
            retries=self._arguments.retry,
        )
        if kept is not None:
            kept.keep(request, reply)
        return reply

    async def _show(self, here: Here, reply: Reply, pages: list[Any] | None) -> None:
        """Write what was asked for of the call."""
        from tui.cli.output import write_bytes

        failed = reply.status >= 300
        if self._recorder is not None and self._recorder.calls:
            from tui.cli.calls.showing import write_exchange, write_form

            calls, redactor = self._recorder.calls, self._recorder.redactor
            if self._arguments.form:
                write_form(self._arguments.form, calls, redactor, raw=self._raw)
                return
            parts = self._arguments.print or "HBhbm"
            apart = pages is not None or self._filter is not None
            for call in calls:
                whole = reply.body if call is calls[-1] else None
                write_exchange(parts.replace("b", "") if apart else parts, call, redactor, body=whole, raw=self._raw)
            if not apart or "b" not in parts:
                return
        elif self._arguments.include:
            from api_client.inspect.redaction import Redactor
            from tui.cli.calls.showing import write_reply_head

            write_reply_head(reply, Redactor(await here.secrets()), raw=self._raw)
        body = await self._body(here, reply, pages)
        if failed:
            where = self._arguments.error_body or ("stderr" if self._filter is not None else "stdout")
            if where != "none":
                write_bytes(body, stream=sys.stdout if where == "stdout" else sys.stderr, raw=self._raw)
        elif self._filter is not None:
            self._write_filtered(body)
        else:
            write_bytes(body, raw=self._raw)

    async def _body(self, here: Here, reply: Reply, pages: list[Any] | None) -> bytes:
        from tui.cli.held import bytes_without_held

        body = reply.body
        if pages is not None:
            from tui.cli.calls.pages import merged
            from tui.cli.output import json_line

            body = json_line(pages if self._arguments.slurp else merged(pages)).encode() + b"\n"
        return bytes_without_held(body, await here.secrets())

    def _write_filtered(self, body: bytes) -> None:
        from tui.cli.calls.pages import decoded
        from tui.cli.filters import write_result

        if self._filter is not None and body.strip():
            for result in self._filter.results(decoded(body)):
                write_result(result, raw=self._raw)

    async def _judged(self, here: Here, reply: Reply) -> Exit:
        """Say on stderr what a refusal says, and return the exit status for it."""
        from api_client.errors import ApiError
        from api_client.replies import failure_of
        from tui.cli.held import without_held
        from tui.cli.output import say

        error = failure_of(reply, here.client.address.origin)
        if error is None:
            return Exit.OK
        known = f", {error.code}" if isinstance(error, ApiError) else ""
        request_id = f", request {error.request_id}" if isinstance(error, ApiError) and error.request_id else ""
        sentence = f"{error.sentence} (HTTP {reply.status}{known}{request_id})"
        say(without_held(sentence, await here.secrets()))
        return status_of(error)

    def _valid(self, request: Request, reply: Reply) -> bool:
        """Say on stderr what in `reply` is not as the contract has it; return whether all is."""
        from tui.cli.calls.validating import complaints
        from tui.cli.output import say

        found = complaints(request, reply)
        for complaint in found:
            say(complaint)
        return not found


async def _fingerprint(here: Here) -> str:
    """Return what tells apart whose replies are kept, where the account has no name here."""
    import hashlib

    held = "".join(sorted(await here.secrets()))
    return hashlib.sha256(f"{here.client.address.base} {held}".encode()).hexdigest()


def _check(arguments: argparse.Namespace) -> None:
    """Raise CannotGoOn for options that contradict each other."""
    if arguments.slurp and not arguments.paginate:
        raise CannotGoOn("--slurp goes with --paginate")
    ways = {
        "--jq": arguments.jq is not None,
        "--silent": arguments.silent,
        "--as": arguments.form is not None,
    }
    chosen = [name for name, is_chosen in ways.items() if is_chosen]
    if len(chosen) > 1:
        raise CannotGoOn(f"{chosen[0]} and {chosen[1]} do not go together")
    if arguments.silent and (arguments.verbose or arguments.print or arguments.include):
        raise CannotGoOn("--silent and --verbose, --print or --include do not go together")
    if arguments.input == "-" and any(field.partition("=")[2] == "@-" for field in arguments.field):
        raise CannotGoOn("stdin can be read only once: --input - or @-")


def _filter(arguments: argparse.Namespace) -> Filter | None:
    if arguments.jq is None:
        return None
    from tui.cli.filters import Filter

    return Filter(arguments.jq)


def _seconds(text: str) -> float:
    try:
        return seconds_in(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 3:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 999")
    return int(text)


def _letters(text: str) -> str:
    if not text or set(text) - set("HBhbm"):
        raise argparse.ArgumentTypeError(f"{text!r}: only the letters H, B, h, b and m")
    return text

"""Faults in what a platform answers: statuses, fields, headers, order, bytes."""

from __future__ import annotations

from typing import Any

from starlette.types import Scope

from tests.smoke.planting import Fault, Reply, fault, refused, said, tamper


def _data(body: Any, **fields: Any) -> None:
    body["data"].update(fields)


def _lacking(name: str) -> Any:
    def edit(body: Any) -> None:
        del body["data"][name]

    return edit


def _not_lifted(body: Any) -> None:
    del body["liked"]


def _both(name: str, change: Any) -> Any:
    """Return what changes a field where it stands twice."""

    def edit(body: Any) -> None:
        body["data"][name] = body[name] = change(body[name])

    return edit


def _status(code: int) -> Any:
    def change(reply: Reply) -> None:
        if reply.status < 300:
            reply.status = code

    return change


def _without(name: str) -> Any:
    return lambda reply: reply.drop(name)


def _reversed(body: Any) -> None:
    body["data"].reverse()


def _ends_early(body: Any) -> None:
    body["nextCursor"] = body["meta"]["nextCursor"] = None


def _goes_on(body: Any) -> None:
    body["nextCursor"] = body["meta"]["nextCursor"] = body["nextCursor"] or "W10"


def _not_a_number(reply: Reply) -> None:
    reply.body = reply.body.replace(b'"plays":1', b'"plays":NaN')


def _web_page(reply: Reply) -> None:
    reply.drop("content-type")
    reply.headers.append((b"content-type", b"text/html"))


def _failed(reply: Reply) -> None:
    reply.status = 500
    reply.say({"success": False, "error": {"code": "INTERNAL", "message": "Failed."}, "meta": {"requestId": "0"}})


def _done(scope: Scope) -> Reply:
    headers = [(b"content-type", b"application/json"), (b"x-request-id", dict(scope["headers"])[b"x-request-id"])]
    return Reply(200, headers, b'{"success": true, "data": {"success": true}}')


def _without_range(scope: Scope) -> None:
    scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"range"]


def _cut(reply: Reply) -> None:
    if reply.status == 206:
        reply.body = reply.body[:-1]


def _of(key: str) -> Any:
    def change(reply: Reply) -> None:
        if reply.status == 409:
            value = reply.json
            value["error"]["code"] = key
            reply.say(value)

    return change


ONE_POST = "/posts/[^/]+"

REPLIES: tuple[Fault, ...] = (
    fault("ok-for-created", "a new playlist is answered with 200 and not with 201", "playlists.a-playlist", "ST202",
          tamper("POST", "/playlists", change=_status(200))),
    fault("field-missing", "a message does not say who has read it", "chat.a-message-reaches", "CT301",
          tamper("POST", "/conversations/[^/]+/messages", change=said(_lacking("readBy")))),
    fault("field-unknown", "a profile tells a field of the database", "people.following-somebody", "CT302",
          tamper("GET", "/users/[^/]+", change=said(lambda body: _data(body, usernameKey="ann")))),
    fault("wrong-type", "a count is text", "posts.a-photo-post", "CT303",
          tamper("PUT", f"{ONE_POST}/like", change=said(_both("likeCount", str)))),
    fault("value-unknown", "a message is of a type that nobody knows", "chat.a-message-reaches", "CT304",
          tamper("POST", "/conversations/[^/]+/messages", change=said(lambda body: _data(body, type="hologram")))),
    fault("no-envelope", "who one is comes without its envelope", "platform.what-the-platform-says", "CT306",
          tamper("GET", "/auth/me", change=said(lambda body: body["data"]))),
    fault("not-json", "a number is none", "playback.what-is-listened-to", "CT305",
          tamper("GET", "/stats", change=_not_a_number)),
    fault("web-page", "a list says that it is a web page", "stories.the-tray", "CT306",
          tamper("GET", "/stories/tray", change=_web_page)),
    fault("not-lifted", "`liked` stands in `data` alone", "posts.a-photo-post", "CT306",
          tamper("PUT", f"{ONE_POST}/like", change=said(_not_lifted))),
    fault("wrong-order", "the feed has the oldest post first", "feed.the-feed", "ST208",
          tamper("GET", "/posts/feed", change=said(_reversed))),
    fault("comments-out-of-order", "children come before their parents", "comments.a-conversation", "ST208",
          tamper("GET", f"{ONE_POST}/comments", change=said(_reversed))),
    fault("list-ends-early", "followers end with the first page", "people.following-somebody", "ST208",
          tamper("GET", "/users/[^/]+/followers", change=said(_ends_early))),
    fault("list-never-ends", "after the last device there is more", "accounts.devices", "ST211 ST201 ST202",
          tamper("GET", "/auth/sessions", change=said(_goes_on))),
    fault("slow", "the feed takes its time", "feed.the-feed", "TM501",
          tamper("GET", "/posts/feed", delay=1.0), max_seconds=0.9),
    fault("refusal-without-code", "what is not there is refused without a code", "people.following-somebody", "CT301",
          tamper("POST", "/users/[^/]+/follow", change=refused(lambda body: body["error"].pop("code")))),
    fault("wrong-code", "a conflict calls itself a duplicate", "people.following-somebody", "ST205",
          tamper("POST", "/users/[^/]+/follow", change=_of("DUPLICATE"))),
    fault("code-of-another-status", "a conflict says that nothing was found", "posts.a-photo-post", "ST205 CT306",
          tamper("POST", f"{ONE_POST}/vote", change=_of("NOT_FOUND"))),
    fault("no-request-id", "replies do not say to which request they are", "accounts.signing-up", "CT306",
          tamper("*", ".*", change=_without("x-request-id"))),
    fault("no-cors", "pages of this machine may not ask", "platform.what-the-platform-says", "ST206",
          tamper("OPTIONS", ".*", change=_without("access-control"))),
    fault("no-allowance", "replies do not say what is still allowed", "platform.what-the-platform-says", "ST206",
          tamper("GET", "/auth/me", change=_without("x-ratelimit"))),
    fault("wrong-count", "a like counts twice", "posts.a-photo-post", "ST208",
          tamper("PUT", f"{ONE_POST}/like", change=said(_both("likeCount", lambda count: count * 2)))),
    fault("range-ignored", "a part of a file is answered with all of it", "playback.an-address", "ST201",
          tamper("GET", "/media/audio/.*", ask=_without_range)),
    fault("range-short", "a part of a file lacks its last byte", "playback.an-address", "ST206 ST208",
          tamper("GET", "/media/audio/.*", change=_cut)),
    fault("failure", "the statistics fail", "playback.what-is-listened-to", "ST204",
          tamper("GET", "/stats", change=_failed)),
    fault("delete-does-nothing", "a post is deleted in words", "search.what-is-there", "ST208",
          tamper("DELETE", ONE_POST, instead=_done)),
    fault("address-told", "a profile tells strangers the e-mail address", "people.a-profile", "ST208",
          tamper("GET", "/users/[^/]+", change=said(lambda body: _data(body, email="ann@example.com")))),
)  # fmt: skip

"""What stands in the town of the fault matrix before anything goes wrong: Ann's things, and those of her friends."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass

from api_client.client import PlatformClient
from api_client.models.chat import NewConversation, NewMessage
from api_client.models.music import NewPlaylist
from api_client.models.player import DeviceAnnouncement, PlayerUpdate, QueueItem
from api_client.models.playlists import NewFolder
from api_client.models.posts import MediaInput, NewPhotoPost, NewStory, NewThreadPost
from api_client.models.studio import Invitation, NewClip, NewProject, NewStudioTrack
from api_client.models.threads import NewSubreddit
from api_client.models.together import NewGroupSession
from api_client.models.users import ProfileChange

PASSWORD = "correct horse battery"
DEVICE = "0d5ecdc4-5bd8-4d0f-8f0e-0a1b2c3d4e5f"
"""Ann's, connected and active; what plays there is in its second version."""
# A PNG of one pixel.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="


@dataclass(frozen=True, slots=True)
class Ids:
    """What Ann's town holds: her subreddits are `bread` and `rye`, and she is a member of the second."""

    ann: str
    bob: str
    carol: str
    photo: str
    """By Bob; Ann has neither liked nor saved it."""
    thread: str
    """By Bob."""
    own_post: str
    """Liked and saved by Ann."""
    own_comment: str
    bobs_comment: str
    """Liked by Ann."""
    own_story: str
    bobs_story: str
    """Ann has not seen it."""
    group: str
    """Ann's, with Bob."""
    own_message: str
    bobs_message: str
    playlist: str
    """Ann's, collaborative, with tracks t1 and t2 and Bob."""
    folder: str
    """Ann's, of playlists, empty."""
    request: str
    """Carol wants to follow Ann."""
    session: str
    """Another sign-in of Ann."""
    upload: str
    """Announced and brought, not completed."""
    project: str
    """Ann's, with Bob."""
    lane: str
    """A track of the project."""
    clip: str
    """On that track."""
    listening: str
    """The code of the session that Ann is in."""
    bobs_listening: str


async def furnished(ann: PlatformClient, bob: PlatformClient, carol: PlatformClient) -> Ids:
    """Give Ann one of everything."""
    ann_id, bob_id, carol_id = [(await client.accounts.me()).id for client in (ann, bob, carol)]
    picture = [MediaInput(type="image", base64=PIXEL)]
    for name in ("bread", "rye"):
        await bob.threads.found(NewSubreddit(name=name))
    await ann.threads.join("rye")
    photo = await bob.feed.create(NewPhotoPost(caption="Bob's", media=picture))
    thread = await bob.feed.create(NewThreadPost(subreddit="bread", title="Rye?"))
    own_post = await ann.feed.create(NewPhotoPost(caption="Ann's", media=picture))
    await ann.feed.like(own_post.id)
    await ann.feed.save(own_post.id)
    own_comment = await ann.comments.create(thread.id, "Rye.")
    bobs_comment = await bob.comments.create(thread.id, "Wheat.")
    await ann.comments.like(bobs_comment.id)
    own_story, bobs_story = [await client.stories.create(NewStory(media=picture[0])) for client in (ann, bob)]
    group = await ann.chat.create(NewConversation(type="group", member_ids=[bob_id], name="Bakers"))
    own_message = await ann.chat.send(group.id, NewMessage(content="Hello"))
    bobs_message = await bob.chat.send(group.id, NewMessage(content="Hello back"))
    await ann.music.follow_artist("ar2")
    await ann.music.save("tracks", "t4")
    playlist = await _listed(ann)
    folder = (await ann.folders.create(NewFolder(name="Kitchen"))).id
    await ann.users.follow("bob")
    await bob.users.follow("ann")
    await ann.users.change(ProfileChange(is_private=True))
    await carol.users.follow("ann")
    (request,) = await ann.users.follow_requests()
    await _playing(ann)
    upload = await _brought(ann)
    project, lane, clip = await _recorded(ann)
    async with PlatformClient(ann.address.origin) as elsewhere:
        await elsewhere.accounts.sign_in("ann", PASSWORD)
    listening, bobs = [(await who.together.start(NewGroupSession(track_ids=["t1"]))).code for who in (ann, bob)]
    session = next(session.id for session in await ann.accounts.sessions() if not session.current)
    return Ids(
        ann_id, bob_id, carol_id, photo.id, thread.id, own_post.id, own_comment.id, bobs_comment.id, own_story.id,
        bobs_story.id, group.id, own_message.id, bobs_message.id, playlist, folder, request.id, session, upload,
        project, lane, clip, listening, bobs,
    )  # fmt: skip


async def _listed(ann: PlatformClient) -> str:
    """Make a playlist and return its id."""
    playlist = await ann.playlists.create(NewPlaylist(name="Oven", is_collaborative=True))
    for track in ("t1", "t2"):
        await ann.playlists.add(playlist.id, track)
    await ann.playlists.add_collaborator(playlist.id, "bob")
    return playlist.id


async def _playing(ann: PlatformClient) -> None:
    """Let a track play on Ann's device."""
    await ann.player.announce(DEVICE, DeviceAnnouncement(name="Kitchen"))
    for version, playing in enumerate((False, True)):
        update = PlayerUpdate(
            device_id=DEVICE, version=version, current=QueueItem(track_id="t1", entry_id=1), is_playing=playing
        )
        await ann.player.update(update)


async def _recorded(ann: PlatformClient) -> tuple[str, str, str]:
    """Begin a project with Bob; return its id, and those of its track and of the clip on it."""
    project = await ann.studio.create(NewProject(name="Oven song"))
    lane = await ann.studio.add_track(project.id, NewStudioTrack(name="Bass", type="midi"))
    clip = await ann.studio.add_clip(project.id, NewClip(track_id=lane.id, name="Riff", start_beat=0, duration_beats=4))
    await ann.studio.invite(project.id, Invitation(username="bob"))
    return project.id, lane.id, clip.id


async def _brought(ann: PlatformClient) -> str:
    """Upload a file and return its id; it is completed in the tests."""
    completed: list[str] = []

    async def not_yet(upload_id: str) -> None:
        completed.append(upload_id)

    complete, ann.uploads.complete = ann.uploads.complete, not_yet  # type: ignore[method-assign]
    try:
        return await ann.uploads.upload(b64decode(PIXEL), "a.png", "image/png")
    finally:
        ann.uploads.complete = complete  # type: ignore[method-assign]

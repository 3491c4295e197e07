"""The whole program without a terminal: how it ends when it fails, and how one account follows another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from api_client.client import PlatformClient
from api_client.errors import PlatformError, SignInRequired
from tests.shared_platform import SharedPlatform
from tui import crash
from tui.app import ParlourApp, run
from tui.config import Config, PlayerSection
from tui.embedded import EmbeddedFailed, EmbeddedPlatform
from tui.gate import Gate
from tui.keychain import FileSecrets
from tui.launch import Launch
from tui.paths import Paths
from tui.screens.signin import SignInScreen
from tui.screens.welcome import WelcomeScreen
from tui.terminal import Terminal
from widgets.menu import Question

PASSWORD = "correct horse battery"
WORK_OF_THE_ACCOUNT = ("status ticker", "verify the account", "playback event", "picture", "drafts")


@pytest.fixture
def launch(platform: SharedPlatform, tmp_path: Path) -> Launch:
    paths = Paths.find(tmp_path / "parlour")
    paths.ensure()
    return Launch(
        paths,
        Terminal(remote=False, colours=256),
        config=Config(player=PlayerSection(output="null")),
        url=platform.url,
        insecure_storage=True,
    )


async def until(pilot: Pilot[int], condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            assert pilot.app._exception is None, "the program has failed"
            await pilot.pause()


async def admitted(pilot: Pilot[int], app: ParlourApp, name: str) -> None:
    """Make an account, as the form would, and wait until its feed is there."""
    admission = await app.gate.register(app.gate.url, name, f"{name}@example.com", PASSWORD)
    app.run_worker(app.admitted(admission), group="welcome")
    await until(pilot, lambda: app.current_mode == "feed" and app.front is not None)


def test_a_fault_in_a_worker_is_one_line_with_the_log_and_status_1(
    launch: Launch, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    async def fail(token: str) -> None:
        raise LookupError("a defect")

    def begin(self: WelcomeScreen) -> None:
        self.run_worker(fail("secret-token"))

    monkeypatch.setattr(ParlourApp, "get_driver_class", lambda _: HeadlessDriver)
    monkeypatch.setattr(WelcomeScreen, "on_mount", begin)
    assert run(launch) == 1
    said = capfd.readouterr().err.strip().splitlines()
    assert said == [f"parlour: a fault of the program ended it. What happened is in {launch.paths.log_file}"]
    for handler in list(crash.log.handlers):
        crash.log.removeHandler(handler)
        handler.close()
    log = launch.paths.log_file.read_text()
    assert "LookupError: a defect" in log
    assert "secret-token" not in log


async def test_what_the_platform_refuses_is_said_and_the_program_goes_on(
    platform: SharedPlatform, launch: Launch
) -> None:
    await platform.empty()
    app = ParlourApp(launch)
    async with app.run_test(size=(100, 30)) as pilot:
        await admitted(pilot, app, "ann")
        front = app.front
        assert front is not None

        async def refused() -> None:
            raise PlatformError("The platform would rather not.")

        front.work_on(refused(), "refused")
        app.run_worker(app._carry_out(refused(), front))
        await until(pilot, lambda: any("rather not" in found.message for found in app._notifications))
        assert app.is_running
    await app.leave_nothing()


async def test_after_signing_out_another_account_finds_nothing_of_the_first(
    platform: SharedPlatform, launch: Launch
) -> None:
    await platform.empty()
    app = ParlourApp(launch)
    before = asyncio.all_tasks()
    async with app.run_test(size=(100, 30)) as pilot:
        await admitted(pilot, app, "ann")
        first = app.backstage
        app.run_worker(app.action_sign_out())
        await until(pilot, lambda: isinstance(app.screen, Question))
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, WelcomeScreen) and app._backstage is None)
        await until(pilot, lambda: not app.screen.has_class("-busy"))
        assert not app.gate.book.accounts
        # What still comes from the account that left asks nobody to sign in.
        app.report(SignInRequired("gone", code="TOKEN_EXPIRED", status=401))
        await pilot.pause()
        assert not isinstance(app.screen, SignInScreen)
        await admitted(pilot, app, "ben")
        assert app.session.me.username == "ben"
        assert app.backstage is not first
        app.report(SignInRequired("gone", code="TOKEN_EXPIRED", status=401))
        await until(pilot, lambda: isinstance(app.screen, SignInScreen) and app.screen.query("#password"))
        await pilot.press("escape")
        await until(pilot, lambda: app.front is app.screen)
    await app.leave_nothing()
    left = [task.get_name() for task in asyncio.all_tasks() - before if not task.done()]
    assert not [name for name in left if name in WORK_OF_THE_ACCOUNT]


async def test_many_secrets_kept_at_once_are_all_there(tmp_path: Path) -> None:
    store = FileSecrets(tmp_path / "data" / "tokens.json", None)
    await asyncio.gather(*(store.save(f"account {n}", f"secret {n}") for n in range(24)))
    assert [await store.load(f"account {n}") for n in range(24)] == [f"secret {n}" for n in range(24)]


async def test_a_demo_that_did_not_start_can_be_tried_again(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    starts: list[int] = []

    async def start(self: EmbeddedPlatform, progress: Callable[[str], None]) -> str:
        starts.append(1)
        raise EmbeddedFailed("The platform did not start: no room.")

    monkeypatch.setattr(EmbeddedPlatform, "start", start)
    gate = Gate(launch)
    for _ in range(2):
        with pytest.raises(EmbeddedFailed, match="no room"):
            await gate.enter_demo(lambda _: None)
    assert len(starts) == 2


async def test_an_account_that_cannot_be_remembered_is_open_all_the_same(
    platform: SharedPlatform, launch: Launch
) -> None:
    await platform.empty()
    launch.paths.accounts_file.mkdir()
    gate = Gate(launch)
    admission = await gate.register(platform.url, "ann", "ann@example.com", PASSWORD)
    client: PlatformClient = admission.client
    assert "asked again" in admission.where
    assert (await client.accounts.me()).username == "ann"
    await client.close()

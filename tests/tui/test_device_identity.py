"""Who a terminal is: the same one after a restart, another one beside it, somebody where nothing can be kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tui.device_identity import DeviceIdentity


def terminal(folder: Path) -> DeviceIdentity:
    identity = DeviceIdentity(folder, "box", "", {})
    identity.take()
    return identity


def test_a_terminal_is_the_same_one_after_a_restart_and_another_one_beside_it(tmp_path: Path) -> None:
    first = terminal(tmp_path)
    beside = terminal(tmp_path)
    assert first.device_id != beside.device_id
    first.release()
    assert terminal(tmp_path).device_id == first.device_id
    beside.release()


@pytest.mark.parametrize("found", ["", "[]", "{", '{"id": 7}', '{"id": "../x", "name": 1}'])
def test_a_damaged_file_gives_a_new_identity_that_is_kept(tmp_path: Path, found: str) -> None:
    terminal(tmp_path).release()
    (path,) = tmp_path.glob("*.json")
    path.write_text(found)
    again = terminal(tmp_path)
    assert json.loads(path.read_text())["id"] == again.device_id
    again.release()


def test_where_nothing_can_be_stored_a_terminal_is_somebody_for_its_own_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tui.device_identity.write_private", full)
    identity = terminal(tmp_path)
    assert identity.device_id
    assert identity.name == "box"
    identity.rename("sofa")
    assert identity.name == "sofa"
    identity.release()

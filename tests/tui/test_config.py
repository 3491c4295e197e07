"""The settings file: what is right is kept, what is wrong is named, and nothing in it is fatal."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.config import Config, Pictures, load_config


def load(tmp_path: Path, text: str) -> tuple[Config, list[str]]:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    loaded = load_config(path)
    return loaded.config, loaded.complaints


def test_no_file_means_all_defaults(tmp_path: Path) -> None:
    loaded = load_config(tmp_path / "config.toml")
    assert (loaded.config, loaded.complaints) == (Config(), [])


def test_what_is_right_is_taken(tmp_path: Path) -> None:
    config, complaints = load(tmp_path, '[view]\npictures = "none"\npicture_rows = 8\n[player]\nvolume = 0\n')
    assert complaints == []
    assert (config.view.pictures, config.view.picture_rows, config.player.volume) == (Pictures.NONE, 8, 0)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[view]\npicture_rows = 400\nmouse = false\n", "view.picture_rows"),
        ("[view]\nmouse = false\nunheard = 1\n", "view.unheard"),
        ('[view]\nmouse = false\npictures = "sixel"\n', "view.pictures"),
        ("[view]\nmouse = false\n[plaeyr]\nvolume = 1\n", "plaeyr"),
        ("platform = 3\n[view]\nmouse = false\n", "platform"),
    ],
)
def test_one_wrong_entry_is_named_and_the_others_stand(tmp_path: Path, text: str, named: str) -> None:
    config, complaints = load(tmp_path, text)
    assert len(complaints) == 1
    assert f"config.toml: {named}: " in complaints[0]
    assert config == Config().model_copy(update={"view": Config().view.model_copy(update={"mouse": False})})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.dictionaries(st.sampled_from(["view", "mouse", "theme", "player", "x"]), inner, max_size=3),
        max_leaves=8,
    )
)
def test_whatever_shape_the_file_has_settings_come_out(tmp_path_factory: pytest.TempPathFactory, tree: object) -> None:
    if not isinstance(tree, dict):
        return
    text = "\n".join(f"{key} = {_toml(value)}" for key, value in tree.items() if value is not None)
    config, _ = load(tmp_path_factory.mktemp("config"), text)
    assert isinstance(config, Config)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items() if inner is not None) + "}"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else '"' + "".join(c for c in str(value) if c.isalnum()) + '"'

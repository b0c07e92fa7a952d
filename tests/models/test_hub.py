import os
import subprocess
import sys
from pathlib import Path

import pytest
from hub_server import hub

from transforms.errors import ConfigError
from transforms.models.pinned import PinnedModel
from transforms.models.store import pin, read_lock

ROOT = Path(__file__).parents[2]
REVISION = "ab" * 20
FILES = {
    "model.safetensors": b"weights",
    "config.json": b"{}",
    "1_Pooling/config.json": b"{}",
    "README.md": b"---\nlicense: mit\n---\n",
    "pytorch_model.bin": b"a pickle",
    "modeling_x.py": b"raise SystemExit",
}


@pytest.fixture
def pull(tmp_path):
    """Return a function that runs `newsbeam models pull` against the hub at an address."""
    config = tmp_path / "c.yaml"
    config.write_text(
        "summary: {engine: seq2seq, model: {source: 'hub:org/name'}}\n"
        f"topics: {{file: {ROOT / 'configs/topics/iptc.yaml'}}}\n"
        f"engines: {{lock: {tmp_path / 'lock.json'}, store: {tmp_path / 'store'}}}\n"
    )

    def run(address, **more):
        return subprocess.run(
            [sys.executable, "-m", "pipeline", "models", "pull", config],
            cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
            env={
                **os.environ, "HF_ENDPOINT": address, "HF_HOME": str(tmp_path / "hf"),
                "HF_HUB_DISABLE_XET": "1", "HF_HUB_OFFLINE": "0", "COLUMNS": "300", **more,
            },
        )  # fmt: skip

    return run


def test_pull_fetches_and_pins_weights_but_no_pickles_and_no_code(pull, tmp_path):
    with hub(FILES, "org/name", REVISION) as (address, asked):
        done = pull(address)
    assert done.returncode == 0, done.stderr
    assert f"hub:org/name at {REVISION}: 1 file, licence mit" in done.stdout
    folder = tmp_path / "store" / "org--name" / REVISION
    assert {p.name for p in folder.iterdir() if p.is_file()} == {
        "model.safetensors", "config.json", "README.md",
    }  # fmt: skip
    assert (folder / "1_Pooling" / "config.json").is_file()  # of a sentence encoder
    assert not any("pytorch_model" in path and "resolve" in path for path in asked)
    lock = read_lock(str(tmp_path / "lock.json"))
    assert lock["hub:org/name"]["revision"] == REVISION
    pinned = pin(PinnedModel("hub:org/name"), lock, str(tmp_path / "store"))
    assert pinned.revision == REVISION


def test_a_hub_that_changed_a_pinned_revision_is_an_error(pull, tmp_path):
    with hub(FILES, "org/name", REVISION) as (address, _):
        assert pull(address).returncode == 0
    (tmp_path / "store" / "org--name" / REVISION / "model.safetensors").write_bytes(b"other")
    with hub({**FILES, "model.safetensors": b"evil"}, "org/name", REVISION) as (address, _):
        done = pull(address)
    assert (done.returncode, "is not what the lock file pins" in done.stderr) == (2, True)
    pinned = read_lock(str(tmp_path / "lock.json"))
    with pytest.raises(ConfigError, match="take its entry 'hub:org/name' out of the lock file"):
        pin(PinnedModel("hub:org/name"), pinned, str(tmp_path / "store"))
    folder = tmp_path / "store" / "org--name" / REVISION
    (folder / "model.safetensors").unlink()
    with hub(FILES, "org/name", REVISION) as (address, _):
        assert pull(address).returncode == 0  # the original again, as the message says
    assert pin(PinnedModel("hub:org/name"), pinned, str(tmp_path / "store"))
    (tmp_path / "lock.json").write_text("{}")
    (folder / "model.safetensors").unlink()
    with hub({**FILES, "model.safetensors": b"new"}, "org/name", REVISION) as (address, _):
        assert pull(address).returncode == 0  # another on purpose, likewise


def test_without_a_network_or_a_model_of_this_name_the_fix_is_named(pull):
    with hub(FILES, "org/other", REVISION) as (address, _):
        unknown = pull(address)
    assert (unknown.returncode, "the hub has none of this name" in unknown.stderr) == (2, True)
    offline = pull(address)  # the server is gone
    assert (offline.returncode, "cannot be fetched" in offline.stderr) == (2, True), offline.stderr
    assert "name it as path:/folder" in offline.stderr


def test_a_process_that_is_told_to_stay_off_the_network_says_what_to_lift(pull):
    with hub(FILES, "org/name", REVISION) as (address, asked):
        done = pull(address, HF_HUB_OFFLINE="1")
    assert (done.returncode, "HF_HUB_OFFLINE" in done.stderr, asked) == (2, True, [])

"""The sample articles that come with newsbeam."""

from pathlib import Path

from transforms.errors import ConfigError

_PACKAGE = Path(__file__).parent
FOLDERS = (_PACKAGE / "samples", _PACKAGE.parent / "seeds")
"""Where they lie once installed, and in a checkout."""


def samples_folder() -> str:
    """Return the folder of the sample articles.

    Raises:
        ConfigError: this installation lacks them.
    """
    for folder in FOLDERS:
        if folder.is_dir():
            return str(folder)
    raise ConfigError(f"the sample articles are not at {FOLDERS[0]}: install newsbeam again")

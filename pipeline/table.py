"""The table that follows the output, where the config asks for one."""

from pipeline.config import Config
from transforms.output.storage import join
from transforms.output.tables import TableSettings, check_table, open_table
from transforms.output.tables.sync import sync_table


def check_settings(config: Config) -> None:
    """Check the settings of the table.

    Raises:
        ConfigError: its library is not installed, or it cannot lie there.
    """
    if settings := _settings(config):
        check_table(settings)


def follow_output(config: Config) -> None:
    """Bring the table to what the output holds. For the holder of the output's lock.

    Raises as `check_settings` does.
    """
    if settings := _settings(config):
        sync_table(config.output.path, open_table(settings))


def _settings(config: Config) -> TableSettings | None:
    table = config.output.table
    if table.format == "none":
        return None
    path = table.path or join(config.output.path, "_table")
    return TableSettings(table.format, path, table.catalog, table.name)

"""What docs/deploy holds, parsed."""

import configparser
from pathlib import Path

import kubernetes_validate
import typer
import yaml

from pipeline.cli import app

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
INSTALLED = "/opt/newsbeam/bin"
CONFIG = "/etc/newsbeam/newsbeam.yaml"
KUBERNETES = ("1.31", kubernetes_validate.latest_version().rpartition(".")[0])
"""The oldest version that the page names, and the newest whose schema we have."""


def unit(name):
    """Return a systemd unit's sections."""
    parser = configparser.ConfigParser(interpolation=None, comment_prefixes="#")
    parser.optionxform = str
    parser.read_string((DEPLOY / name).read_text())
    return parser


def manifests():
    """Return the Kubernetes objects by kind."""
    loaded = yaml.safe_load_all((DEPLOY / "newsbeam-cronjob.yaml").read_text())
    return {found["kind"]: found for found in loaded}


def pod():
    return manifests()["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def parsed(arguments):
    """Return what the command makes of `arguments`; fails on a command or option it lacks."""
    command = typer.main.get_command(app).commands[arguments[0]]
    return command.make_context(arguments[0], list(arguments[1:])).params

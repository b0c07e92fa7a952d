"""The schedules in docs/deploy: each file is parsed, and each command in them is a real one."""

import ast
import json
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest.mock import create_autospec

import kubernetes_validate
import pytest
import yaml
from cronsim import CronSim
from deployment import CONFIG, DEPLOY, INSTALLED, KUBERNETES, ROOT, manifests, parsed, pod, unit

from pipeline import __version__
from pipeline.cli.command import Exit
from pipeline.config import Config
from pipeline.config_files import load_config, parse_override
from pipeline.lock import lock
from pipeline.lock.lock import output_lock

RUN = ["run", CONFIG]
PAGE = (DEPLOY / "README.md").read_text()
CRON = DEPLOY / "newsbeam.cron"
ANALYZE = shutil.which("systemd-analyze")


def cron_table():
    """Return the cron file's variables and its lines as (time, user, command)."""
    variables, entries = {}, []
    for line in CRON.read_text().splitlines():
        if re.match(r"[A-Z]+=", line):
            name, _, variables[name] = line.partition("=")
        elif line and not line.startswith("#"):
            *times, user, command = line.split(maxsplit=6)
            entries.append((" ".join(times), user, command))
    return variables, entries


@dataclass(kw_only=True)
class BashOperator:
    """What we use of Airflow's, by its reference."""

    task_id: str
    bash_command: str
    skip_on_exit_code: int
    retries: int
    retry_delay: timedelta
    execution_timeout: timedelta


@dataclass(kw_only=True)
class DAG:
    """What we use of Airflow's, by its reference."""

    dag_id: str
    schedule: str
    start_date: datetime
    catchup: bool
    max_active_runs: int

    def __enter__(self): ...
    def __exit__(self, *_): ...


AIRFLOW = {"airflow.sdk": DAG, "airflow.providers.standard.operators.bash": BashOperator}
"""What the DAG imports: module and name, in Airflow 3 and its standard provider."""


@pytest.fixture
def dag(monkeypatch):
    """Return what the DAG's file hands to DAG and to BashOperator; Airflow is not installed."""
    mocks = [create_autospec(cls) for cls in AIRFLOW.values()]
    for (name, cls), mock in zip(AIRFLOW.items(), mocks, strict=True):
        module = ModuleType(name)
        setattr(module, cls.__name__, mock)
        monkeypatch.setitem(sys.modules, name, module)
    runpy.run_path(str(DEPLOY / "newsbeam_dag.py"))
    return [SimpleNamespace(**mock.call_args.kwargs) for mock in mocks]


def page_commands():
    """Return the arguments of every newsbeam command on the page and in comments."""
    lines = re.findall(
        r"(?:^ *|`|: )((?:sudo -u newsbeam )?[/a-z]*newsbeam [^`\n]+)",
        "\n".join(
            file.read_text() for file in sorted(DEPLOY.iterdir()) if file.suffix in {".md", ".yaml"}
        ),
        re.MULTILINE,
    )
    return [
        shlex.split(line.removeprefix("sudo -u newsbeam "), comments=True)[1:] for line in lines
    ]


def gaps(times):
    """Return the gaps between the starts of a day, by a cron expression."""
    starts = islice(CronSim(times, datetime(2026, 1, 1, tzinfo=UTC)), 24 * 4)
    return {later - start for start, later in pairwise(starts)}


def test_the_page_names_every_file():
    files = {file.name for file in DEPLOY.iterdir()} - {"README.md"}
    assert files == set(re.findall(r"\]\(([^/)]+)\)", PAGE))


def test_the_commands_on_the_page_exist():
    commands = page_commands()
    wanted = {"run", "watch", "check", "feeds", "verify", "rejected"}
    assert {arguments[0] for arguments in commands} == wanted
    for arguments in commands:
        parsed(arguments)


def test_the_settings_on_the_page_exist():
    (option,) = re.findall(r"`(--set [^`]+)`", PAGE)
    (change,) = parsed(["run", *option.split()])["overrides"]
    load_config(None, dict([parse_override(change)]))
    named = re.findall(r"`([a-z]+)\.([a-z_]+)`", PAGE)
    assert ("run", "lock_wait_seconds") in named
    for section, key in named:
        assert key in Config.model_fields[section].annotation.model_fields


def test_the_page_tells_what_each_exit_code_means_for_alerts():
    rows = {
        int(code): alert
        for code, alert in re.findall(r"^\| (\d+) \| [^|]+ \| (\w+)[^|]* \|", PAGE, re.MULTILINE)
    }
    assert {int(code) for code in Exit} <= rows.keys()
    assert [code for code, alert in rows.items() if alert == "no"] == [
        Exit.DONE,
        Exit.LOCKED,
        Exit.INTERRUPTED,
    ]


def test_the_config_is_valid_and_asks_feeds_at_every_start():
    assert load_config(str(DEPLOY / "newsbeam.yaml")).fetch.interval_minutes < 15


def test_cron_has_valid_lines_and_runs_the_command():
    variables, entries = cron_table()
    assert variables.keys() == {"SHELL", "PATH", "MAILTO", "LOG"}
    assert INSTALLED in variables["PATH"].split(":")
    ((times, user, command),) = entries
    assert gaps(times) == {timedelta(minutes=15)}
    assert user == "newsbeam"
    assert "%" not in command  # it would end the command
    assert CRON.read_text().endswith("\n")  # cron ignores a last line that does not end
    arguments = shlex.split(command.partition(" >>")[0])
    assert arguments == ["newsbeam", *RUN]
    assert parsed(arguments[1:])["words"] == [CONFIG]


def test_cron_says_nothing_unless_somebody_must_act(tmp_path, monkeypatch):
    ((_, _, line),) = cron_table()[1]
    config, log, out = (tmp_path / name for name in ("newsbeam.yaml", "run.log", "out"))
    monkeypatch.setenv("LOG", str(log))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    settings = {
        "input": {"paths": [str(ROOT / "seeds" / "desk")]},
        "output": {"path": str(out)},
    }

    def mail():
        """Return what a start prints, which cron would mail."""
        config.write_text(yaml.safe_dump(settings))
        done = subprocess.run(
            ["sh", "-c", line.replace(CONFIG, str(config))],
            check=True,
            capture_output=True,
            text=True,
            timeout=200,
        )
        return done.stdout + done.stderr

    with output_lock(str(out), "run"):
        assert mail() == ""
    assert "is being written by newsbeam run" in log.read_text()
    assert not fresh(out)
    assert mail() == ""
    assert "11 in = 11 written" in log.read_text()
    assert fresh(out)
    settings["sumary"] = {}
    assert "sumary: unknown key" in mail()


def fresh(out):
    """Return whether the page's check that something runs succeeds."""
    (check,) = re.findall(r"^ +(find .+)$", PAGE, re.MULTILINE)
    folder = load_config(str(DEPLOY / "newsbeam.yaml")).output.path
    assert folder in check
    done = subprocess.run(
        ["sh", "-c", check.replace(folder, str(out))], check=False, stderr=subprocess.DEVNULL
    )
    return done.returncode == 0


def test_systemd_units_say_what_the_page_promises():
    service, timer, alert = (
        unit(f"newsbeam{name}") for name in (".service", ".timer", "-alert@.service")
    )
    assert service["Service"]["Type"] == "oneshot"
    assert service["Service"]["User"] == "newsbeam"
    program, *arguments = shlex.split(service["Service"]["ExecStart"])
    assert (program, arguments) == (f"{INSTALLED}/newsbeam", RUN)
    assert set(service["Service"]["SuccessExitStatus"].split()) == {
        str(Exit.LOCKED.value),
        str(Exit.INTERRUPTED.value),
        "SIGTERM",
    }
    writable = Path("/var/lib") / service["Service"]["StateDirectory"]
    assert Path(load_config(str(DEPLOY / "newsbeam.yaml")).output.path).is_relative_to(writable)
    assert service["Unit"]["OnFailure"] == "newsbeam-alert@%n.service"
    assert alert["Service"]["ExecStart"].startswith("/bin/sh -c ")
    assert timer["Timer"]["OnCalendar"] == "*:0/15"
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_every_unit_that_the_page_enables_can_be_enabled():
    enabled = re.findall(r"^systemctl enable --now (\S+)$", PAGE, re.MULTILINE)
    assert enabled == ["newsbeam.timer", "newsbeam-watch.service"]
    for name in enabled:
        assert unit(name)["Install"]["WantedBy"] in {"timers.target", "multi-user.target"}


@pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is not installed")
def test_systemd_finds_no_fault_in_the_units(tmp_path):
    for file in [*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")]:
        here = file.read_text().replace(INSTALLED, str(Path(sys.executable).parent))
        (tmp_path / file.name.replace("@.", "@newsbeam.service.")).write_text(here)
    assert faults(tmp_path) == []
    timer = tmp_path / "newsbeam.timer"
    timer.write_text(timer.read_text().replace("Persistent", "Persistant"))
    assert len(faults(tmp_path)) == 1  # it does look
    times = unit("newsbeam.timer")["Timer"]["OnCalendar"]
    subprocess.run([ANALYZE, "calendar", times], check=True, stdout=subprocess.DEVNULL)


def faults(folder):
    """Return what systemd-analyze says about the units in `folder`, and not of others."""
    done = subprocess.run(
        [ANALYZE, "verify", "--man=no", *map(str, sorted(folder.iterdir()))],
        check=False,
        capture_output=True,
        text=True,
    )
    return [line for line in done.stderr.splitlines() if "newsbeam" in line]


def test_the_dag_imports_what_airflow_documents():
    tree = ast.parse((DEPLOY / "newsbeam_dag.py").read_text())
    imported = {
        node.module: {alias.name for alias in node.names}
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }
    assert imported.pop("datetime") == {"UTC", "datetime", "timedelta"}
    assert imported == {module: {cls.__name__} for module, cls in AIRFLOW.items()}
    assert not any(isinstance(node, ast.Import) for node in ast.walk(tree))


def test_the_dag_runs_the_command(dag):
    schedule, task = dag
    assert gaps(schedule.schedule) == {timedelta(minutes=15)}
    assert schedule.start_date.tzinfo
    assert (schedule.catchup, schedule.max_active_runs) == (False, 1)
    assert shlex.split(task.bash_command) == [f"{INSTALLED}/newsbeam", *RUN]
    assert task.skip_on_exit_code == Exit.LOCKED


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("kind", ["ConfigMap", "PersistentVolumeClaim", "CronJob"])
def test_kubernetes_objects_fit_its_schema(version, kind):
    found = manifests()[kind]
    assert kubernetes_validate.validate(found, version, strict=True) == version
    found["spec" if "spec" in found else "data"]["nonsense"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(found, version, strict=True)


def test_the_cronjob_forbids_overlaps_and_fits_the_exit_codes():
    spec = manifests()["CronJob"]["spec"]
    assert gaps(spec["schedule"]) == {timedelta(minutes=15)}
    assert spec["concurrencyPolicy"] == "Forbid"
    assert 10 < spec["startingDeadlineSeconds"] < 15 * 60
    job = spec["jobTemplate"]["spec"]
    at_once, drained = job["podFailurePolicy"]["rules"]
    assert at_once["action"] == "FailJob"
    assert at_once["onExitCodes"]["values"] == [Exit.USAGE, Exit.UNBALANCED]
    assert at_once["onExitCodes"]["containerName"] == pod()["containers"][0]["name"]
    assert (drained["action"], pod()["restartPolicy"]) == ("Ignore", "Never")


def test_the_pod_runs_the_image_without_privileges():
    (container,) = pod()["containers"]
    assert container["image"] == f"newsbeam:{__version__}"
    assert container["args"] == RUN  # the image's entry point is newsbeam
    uid = re.search(r"--uid (\d+)", (ROOT / "Dockerfile").read_text())[1]
    assert pod()["securityContext"]["runAsNonRoot"]
    assert pod()["securityContext"]["runAsUser"] == pod()["securityContext"]["fsGroup"] == int(uid)
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} == container["resources"]["requests"].keys()
    assert "memory" in container["resources"]["limits"]


def test_the_pod_finds_its_config_and_its_volume(tmp_path):
    objects, (container,) = manifests(), pod()["containers"]
    places = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod()["volumes"]}
    assert places.keys() == volumes.keys()
    config, claim = objects["ConfigMap"], objects["PersistentVolumeClaim"]
    assert volumes["config"]["configMap"]["name"] == config["metadata"]["name"]
    assert volumes["data"]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    (name,) = config["data"]
    assert f"{places['config']}/{name}" == CONFIG
    (tmp_path / name).write_text(config["data"][name])
    settings = load_config(str(tmp_path / name))
    assert Path(settings.output.path).parent == Path(places["data"])
    assert settings.run.lock_wait_seconds > lock.STALE + lock._WATCH
    others = {"output", "run"}
    assert settings.model_dump(exclude=others) == load_config(
        str(DEPLOY / "newsbeam.yaml")
    ).model_dump(exclude=others)


def test_a_run_that_is_stopped_within_a_step_says_so(tmp_path, newsbeam):
    code = """
import os, signal
from pipeline.cli import main
from transforms import write

write.publish_day = lambda *_: os.kill(os.getpid(), signal.SIGTERM)
main()
"""
    done = newsbeam("run", "-i", ROOT / "seeds" / "desk", "-o", tmp_path, code=code)
    assert (done.code, done.out) == (Exit.INTERRUPTED, "")
    assert done.err.endswith("Stopped. What was published is whole; run again to go on.\n")
    assert "Traceback" not in done.err
    (manifest,) = (json.loads(file.read_text()) for file in (tmp_path / "_runs").glob("*.json"))
    assert manifest["status"] == "interrupted"
    assert "SIGTERM" in manifest["error"]

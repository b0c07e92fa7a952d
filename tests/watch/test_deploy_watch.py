"""The service and the Deployment that keep `newsbeam watch` running."""

import shlex

import kubernetes_validate
import pytest
import yaml
from deployment import CONFIG, DEPLOY, INSTALLED, KUBERNETES, parsed, pod, unit

from pipeline import __version__
from pipeline.cli.command import Exit
from pipeline.config_files import load_config, parse_override


def watch_deployment():
    return yaml.safe_load((DEPLOY / "newsbeam-watch.yaml").read_text())


def settings(arguments):
    """Return the watch section that the arguments of the command make."""
    options = parsed(arguments)
    assert (arguments[0], options["words"]) == ("watch", [CONFIG])
    changes = dict(parse_override(text) for text in options["overrides"])
    return load_config(str(DEPLOY / "newsbeam.yaml"), changes).watch


def test_the_service_starts_again_where_that_helps():
    service = unit("newsbeam-watch.service")
    program, *arguments = shlex.split(service["Service"]["ExecStart"])
    assert program == f"{INSTALLED}/newsbeam"
    watch = settings(arguments)
    assert (watch.port, watch.host) == (9464, "127.0.0.1")
    assert service["Service"]["Restart"] == "on-failure"
    assert service["Service"]["RestartPreventExitStatus"].split() == [
        str(Exit.USAGE.value),
        str(Exit.UNBALANCED.value),
    ]
    same = ("User", "StateDirectory", "ProtectSystem", "CapabilityBoundingSet")
    run = unit("newsbeam.service")
    assert all(service["Service"][key] == run["Service"][key] for key in same)


@pytest.mark.parametrize("version", KUBERNETES)
def test_the_deployment_fits_kubernetes_schema(version):
    assert kubernetes_validate.validate(watch_deployment(), version, strict=True) == version


def test_the_pod_is_the_cronjobs_with_probes():
    spec = watch_deployment()["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"]
    (container,) = spec["template"]["spec"]["containers"]
    assert container["image"] == f"newsbeam:{__version__}"
    watch = settings(container["args"])
    (port,) = container["ports"]
    assert watch.port == port["containerPort"]
    assert watch.host != "127.0.0.1"  # probes come from outside the pod
    annotations = spec["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/port"] == str(watch.port)
    paths = {
        probe: container[probe]["httpGet"]["path"]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    }
    assert list(paths.values()) == ["/healthz", "/healthz", "/readyz"]
    (other,) = pod()["containers"]
    for key in ("securityContext", "volumeMounts"):
        assert container[key] == other[key]
    for key in ("securityContext", "volumes"):
        assert spec["template"]["spec"][key] == pod()[key]

"""The packages; all else that describes newsbeam is in pyproject.toml."""

from setuptools import find_packages, setup

setup(
    packages=[
        *find_packages(include=["configs", "pipeline*", "transforms*"]),
        "pipeline.samples",
    ],
    # The sample articles, for `newsbeam demo`.
    package_dir={"pipeline.samples": "seeds"},
)

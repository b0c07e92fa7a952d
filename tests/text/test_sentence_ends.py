import pytest
from growth import assert_linear

from transforms.text.sentence_ends import ends_sentence, ends_statement


@pytest.mark.parametrize(
    "text",
    [
        *("He left.", "Did he?", "He left!", "He left …", "He left. ", "(He left.)", "“He left.”"),
        *("»Er ging.«", "„Er ging.“", "‹Er ging.›", "『帰った。』", "（帰った！）", "帰った｡"),
        *("Έφυγε;", "«Έφυγε»;", "Գնաց։", "Գնաց:", "वह गया।", "वह गया॥", "वह गया|", "সে গেল।"),
        *("وہ گیا۔", "هل ذهب؟", "ሄደ።", "ሄደ፡፡", "ሄደ፧", "သွားတယ်။", "ទៅហើយ។", "ཕྱིན་སོང་།", "เขาไปแล้ว"),
    ],
)  # fmt: skip
def test_ends_of_sentences(text):
    assert ends_sentence(text)


@pytest.mark.parametrize(
    "text",
    ["", " ", "Town votes", "He said:", "Well;", "one|", "(AFP)", "他说：", "他说，", "and,", "—"],
)
def test_no_ends_of_sentences(text):
    assert not ends_sentence(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("He left.", True), ("He left.”", True), ("वह गया।", True), ("Did he?", False),
     ("Έφυγε;", False), ("هل ذهب؟", False), ("他走了！", False), ("He left …", False),
     ("เขาไปแล้ว", False), ("Storm hits", False)],
)  # fmt: skip
def test_ends_of_statements(text, expected):
    assert ends_statement(text) == expected


def test_closing_marks_take_linear_time():
    assert_linear(ends_sentence, lambda size: 'a"' * size + '"' * size, 40_000, 400_000)

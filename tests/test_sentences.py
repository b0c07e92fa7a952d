import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.sentences import MAX_WORDS, split_sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("  \n\n ", ()),
        ("One. Two! Three?", ("One.", "Two!", "Three?")),
        ("A headline\n\nMr. Ito came. He sat.", ("A headline", "Mr. Ito came.", "He sat.")),
        ("He spoke on Tues. that week.", ("He spoke on Tues. that week.",)),
        ("The U.S. paid $3.5 million.", ("The U.S. paid $3.5 million.",)),
        ('"We are sorry. We pay," he said. He left.',
         ('"We are sorry. We pay," he said.', "He left.")),
        ("all lower case . the next one .", ("all lower case .", "the next one .")),
        ("Line one\ngoes on. End.", ("Line one goes on.", "End.")),
        ("He said, ?I know? and left.", ("He said, ?I know? and left.",)),
        ("It is so.?Any violation counts.", ("It is so.?", "Any violation counts.")),
        ("Comment ? Pourquoi.", ("Comment ?", "Pourquoi.")),
        ("你好。世界。", ("你好。", "世界。")),
    ],
)  # fmt: skip
def test_sentences(text, expected):
    assert split_sentences(text, "en") == expected


def test_long_quotation_is_divided_at_its_full_stops():
    quote = "“" + "The council has worked on this plan for many years now. " * 12 + "”"
    sentences = split_sentences(quote, "en")
    assert len(sentences) >= 12
    assert max(len(sentence.split()) for sentence in sentences) < MAX_WORDS


def test_long_text_without_full_stops_stays_whole():
    text = "word " * 300
    assert split_sentences(text, "en") == (text.strip(),)


@pytest.mark.parametrize("language", [None, "en", "de", "zh", "xx"])
def test_any_language_code_works(language):
    assert split_sentences("Eins. Zwei.", language)


@given(st.text(alphabet=st.sampled_from('aB .!?"”\n1,\u3002)'), max_size=200))
def test_nothing_is_dropped(text):
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())

import pytest
import sentences as benchmark
from growth import assert_linear
from hypothesis import given
from hypothesis import strategies as st

from transforms.text.sentences import MAX_WORDS, join_sentences, split_sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("  \n\n ", ()),
        ("One. Two! Three?", ("One.", "Two!", "Three?")),
        ("A headline\n\nMr. Ito came. He sat.", ("A headline", "Mr. Ito came.", "He sat.")),
        ("He spoke on Tues. that week.", ("He spoke on Tues. that week.",)),
        (
            "Spc. Ada Roe met Cllr. Bo Lis. Msgr. Low left.",
            ("Spc. Ada Roe met Cllr. Bo Lis.", "Msgr. Low left."),
        ),
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


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        ((), ""),
        (("One.", "Two?", "Three"), "One. Two? Three"),
        (
            ("東京で会談した。", "「合意した。」", "次は来月だ。"),
            "東京で会談した。「合意した。」次は来月だ。",
        ),
        (("北京报道。", "Apple 发布新手机。"), "北京报道。Apple 发布新手机。"),
        (("وصل الرئيس.", "هل يعود؟", "نعم."), "وصل الرئيس. هل يعود؟ نعم."),
    ],
)
def test_join_sentences(sentences, expected):
    assert join_sentences(sentences) == expected


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("ar", "قال الوزير د. أحمد إن الاتفاق جاهز. هل توقعه الحكومة؟ لا أحد يعرف! انتهى.", 4),
        ("zh", "央行周一宣布降息。市场反应如何？专家说：“还要再看。”股市上涨！", 4),
        ("ja", "首相は14日、会談した。「合意は近い」と語った。次はいつか？来月だ。", 4),
        ("de", "Am 3. Oktober kam Dr. Meier, z. B. mit ca. 5,3 Mio. Euro. Er blieb bis 12 Uhr.", 2),
        ("ko", "대통령은 15일 여수를 찾았다. 그는 3.5% 성장을 약속했다. 시민은 환영했다.", 3),
    ],
)
def test_sentences_of_languages(language, text, count):
    assert len(split_sentences(text, language)) == count


@pytest.mark.parametrize("language", [None, "en", "de", "zh", "xx"])
def test_any_language_code_works(language):
    assert split_sentences("Eins. Zwei.", language)


@given(st.text(alphabet=st.sampled_from('aB .!?"”\n1,\u3002)'), max_size=200))
def test_nothing_is_dropped(text):
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


FLOORS = {"development": (0.98, 0.9), "held-out": (0.97, 0.8)}
"""F1 of the ends of sentences: mean over the languages, and of each, at least."""


@pytest.mark.parametrize(("half", "floors"), FLOORS.items())
def test_marked_sentences_of_32_languages(half, floors):
    found = benchmark.scores(half, benchmark.ours)
    assert len(found) == 32
    assert sum(found.values()) / len(found) >= floors[0], found
    assert min(found.values()) >= floors[1], found


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("fr", ["Le parc est géré par M. Faure.", "M. Faure se tait."]),
        ("de", ["Sie kam am 4. Mai.", "Der 2. Versuch gelang erst in der 70. Minute."]),
        ("en", ["Doors open at 7:30 p.m. ET on Friday.", "The show ends at 9 p.m.", "He left."]),
        ("en", ['"Why?" Councillor Dee Oram asked the panel.', '"No," he said.', "It ended."]),
        ("en", ['"It is late."', "The mayor left."]),
        ("en", ["He lives in St. Ives (pop. 11,000).", "(He was born there.)", "She does not."]),
        ("es", ["La Sra. Mota vive en la Av. Sur.", "¿Por qué?"]),
        ("nl", ["Volgens dhr. Kok is het klaar.", "Zie blz. 7 van het plan."]),
        ("pl", ["Dr Zych mieszka przy ul. Krótkiej.", "To 2. etap budowy."]),
        ("da", ["»Nej,« siger hr. Dahl.", "»Det går ikke.«", "Mødet er d. 3. marts."]),
        ("ja", ["「いつ始まるのか？」と記者が聞いた。", "答えはなかった。"]),
        ("ko", ["“언제 시작합니까?” 기자가 물었다.", "답은 없었다."]),
        ("sv", ["Han kom kl. 8.", "”Jag vet inte. Fråga Bo”, sade han."]),
        (None, ["Dr. Bo came.", "She left."]),
        ("en", ["'I was there. I saw it,' he said.", "It's the boys' turn.", "He left."]),
    ],
)
def test_kinds_of_sentences(language, sentences):
    between = "" if language == "ja" else " "
    assert split_sentences(between.join(sentences), language) == tuple(sentences)


@pytest.mark.parametrize(
    "unit",
    ['"', "“", '" ', "”a ", ".", "a. ", "A.", "1. ", ". ", "(", "«»", '"a. ', "‘a ", "「。", "?!"],
)
def test_time_grows_with_the_length_of_the_text(unit):
    def split(text):
        return split_sentences(text, "de")

    assert_linear(split, lambda size: (unit * size)[:size] + "b", 10_000, 100_000)

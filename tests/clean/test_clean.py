import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import apache_beam as beam
import pytest
from apache_beam.runners.portability import fn_api_runner
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.error_handling import ErrorHandler
from growth import assert_linear
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.clean import (
    CleanArticles,
    CleanOptions,
    boilerplate,
    clean_article,
    clean_authors,
    clean_characters,
    clean_title,
    paragraphs,
    quotes,
    spacing,
)
from transforms.errors import Rejected
from transforms.records import Article, RawDocument
from transforms.text.words import count_words

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BODY = (
    "The council of Karlsdorf approved the budget for its new hospital on Monday after a debate of "
    "nine hours.\n\nWork on the site will begin in March, the mayor said, and the first patients "
    "are expected two years later."
)


def article(text=BODY, title="Council approves hospital", **fields):
    return Article("0" * 32, "a.txt", NOW, title, text, **fields)


def clean(text=BODY, **fields):
    return clean_article(article(text, **fields), CleanOptions())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("One two  three", 3),
        ("A – dash, a * star", 4),
        ("U.S.A. won 3.5% of it", 5),
        ("“Quoted” words", 2),
        ("会議は東京で開かれた", 5),
        ("这是新闻", 2),
        ("Apple は新製品を発表", 5),
        ("서울에서 회의가 열렸다", 3),
        ("การประชุม", 3),
        ("می‌خواهم بروم", 2),
        ("महापौर ने पुल खोला", 4),
        ("གྲོང་དཔོན་གྱིས་ཟམ་པ་གསར་པ་ སྒོ་ཕྱེས་སོང་།", 6),
    ],
)
def test_count_words(text, words):
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("itâ€™s the mayorâ€™s cafÃ©", "it’s the mayor’s café"),
        ("“Curly” ‘quotes’ stay – and dashes — too…", "“Curly” ‘quotes’ stay – and dashes — too…"),
        ("cafe\u0301", "café"),
        ("zero\u200bwidth soft\u00adhyphen \ufeffmark\x00", "zerowidth softhyphen mark"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d💻 at work", "👩\u200d💻 at work"),
        ("plain\u200dword", "plainword"),
        ("AT&amp;T &lt;3 &quot;it&quot; &#8217;s", 'AT&T <3 "it" ’s'),
        ("Q&amp;amp;A", "Q&A"),
        ("Iraq #39;s  quot;big quot; plan  #151; now", 'Iraq\'s "big" plan — now'),
        ("Standard  amp; Poor #39;s", "Standard & Poor's"),
        ("the number #7; and R&D;", "the number #7; and R&D;"),
        ("in <b>...</b>", "in ..."),
        ('Corp\'s <A HREF="http://x.example/a?b">INTC.O</A> cut', "Corp's INTC.O cut"),
        ("One<br/>Two", "One\nTwo"),
        ("a < b and c > d", "a < b and c > d"),
        ("One <script>alert(1)</script>two", "One two"),
        ("One &lt;ScRiPt src=x&gt;alert(1)&lt;/script &gt;two", "One two"),
        ("One <scr<script>ipt>two", "One two"),
        ("One <svg/onload=alert(1)>two <IMG SRC=x onerror=alert(1)>", "One two"),
        ("The <style> tag and the <script> tag stay unread.", "The tag and the tag stay unread."),
        ("One<!-- <b>hidden --> two <!-- three", "One two <!-- three"),
        ("Rain\U000e0001\U000e0049\U000e0067\U000e006e fell\U000e007f", "Rain fell"),
        (
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f won",
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f won",
        ),
        ("😀\U000e0049\U000e0067 ok", "😀 ok"),
        ("❤\ufe0f\ufe01\ufe02 ok\U000e0115\U000e0120", "❤\ufe0f ok"),
        ("a\u2063b\u3164c\u180ed", "abcd"),
        ("\\$70 billion and C:\\data", "$70 billion and C:\\data"),
        ("a\u00a0b\t c  d", "a b c d"),
        ("one\r\ntwo\u2028three", "one\ntwo\nthree"),
        ("ＦＩＦＡ、日本", "ＦＩＦＡ、日本"),
        ("Łódź, Zürich, İstanbul, Đà Nẵng", "Łódź, Zürich, İstanbul, Đà Nẵng"),
        ("שלום\u200f!", "שלום\u200f!"),
    ],
)
def test_clean_characters(raw, expected):
    assert clean_characters(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Delhi?s ?free parking? signboards", "Delhi’s “free parking” signboards"),
        ("They?re here. ?We agree,? he said.", "They’re here. “We agree,” he said."),
        (
            "It?s the FTSE 250.?Bob was removed,? it said.",
            "It’s the FTSE 250. “Bob was removed,” it said.",
        ),
        ("It?s so. ?We will act.??Signs help.", "It’s so. “We will act.” “Signs help."),
        ("It?s odd. ?Is it true?? she asked.", "It’s odd. “Is it true?” she asked."),
        ("It?s the number ? 1800-180 ? he gave", "It’s the number – 1800-180 – he gave"),
        ("It?s on?Thursday", "It’s on Thursday"),
        ("Did it rain? Yes. Really?", "Did it rain? Yes. Really?"),
        ("Did it rain in the U.S.? Nobody knows.", "Did it rain in the U.S.? Nobody knows."),
        ("See http://a.example/page?s=1&t=2 ok", "See http://a.example/page?s=1&t=2 ok"),
        ("Delhi\ufffds new", "Delhi’s new"),
        ("Où est-il ? Ici.", "Où est-il ? Ici."),
    ],
)
def test_restore_quotes(raw, expected):
    assert quotes.restore_quotes(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("On Tuesday.The tank left", "On Tuesday. The tank left"),
        ("won in 2017.They left", "won in 2017. They left"),
        ("“It rained.”The mayor", "“It rained.” The mayor"),
        ("the BJP.The party", "the BJP. The party"),
        ("it rained.“We left", "it rained. “We left"),
        ("it ended.A leopard came", "it ended. A leopard came"),
        ("for free.V Umashankar said", "for free. V Umashankar said"),
        ("in the U.S.A. and the U.S.Senate", "in the U.S.A. and the U.S.Senate"),
        ("J.K.Rowling and 3.5 points", "J.K.Rowling and 3.5 points"),
        (
            "www.example.Test and http://a.example/one.Two ok",
            "www.example.Test and http://a.example/one.Two ok",
        ),
        ("Booking.Com and Node.Js", "Booking.Com and Node.Js"),
        ("jane.Doe@mail.example wrote", "jane.Doe@mail.example wrote"),
        ("Это всё.Потом", "Это всё. Потом"),
    ],
)
def test_split_glued_sentences(raw, expected):
    assert spacing.split_glued_sentences(raw) == expected


@pytest.mark.parametrize(
    ("raw", "language", "expected"),
    [
        ("Prices rose , he said .", "en", "Prices rose, he said."),
        ("( twice ) a day", "en", "(twice) a day"),
        ("Why ? Because !", "en", "Why? Because!"),
        ("Pourquoi ? « Oui ! » : rien ; tout.", "fr", "Pourquoi ? « Oui ! » : rien ; tout."),
        ("the .com boom and .NET at .5", "en", "the .com boom and .NET at .5"),
        ("wait ... then", "en", "wait ... then"),
        ("a smile :) here", "en", "a smile :) here"),
    ],
)
def test_join_punctuation(raw, language, expected):
    assert spacing.join_punctuation(raw, high=language != "fr") == expected


def test_tokenised_text_is_joined():
    text = "( cnn ) it rained , `` it did n't stop , '' said anna 's father . they left , too ."
    assert clean(text).text == "it rained, “it didn't stop,” said anna's father. they left, too."


@pytest.mark.parametrize(
    "line",
    [
        "(REUTERS)",
        "(Jane Doe/HT Photo)",
        "Photo: Jane Doe",
        "File photo",
        "Image source, Getty Images",
        "Image caption, The mayor at the site",
        "Photograph by Jane Doe",
        "Getty Images",
        "Read more: Council splits over hospital",
        "ALSO READ | Council splits over hospital",
        "Lesen Sie auch: Der Rat streitet",
        "Les også: Byrådet krangler",
        "Related articles",
        "Sign up for our daily newsletter",
        "Get the day’s top headlines delivered to your inbox every morning.",
        "Subscribe to the Morning Review newsletter",
        "We use cookies to improve your experience on our site. Accept all cookies.",
        "Diese Website verwendet Cookies.",
        "Share this article on Facebook",
        "Follow Rebecca Stoll for council news.",
        "Do you know more about this story? Email newsdesk@gazette.example",
        "Haben Sie Hinweise? Schreiben Sie uns an redaktion@zeitung.example.",
        "Suscríbase a nuestro boletín y reciba cada mañana las noticias de la comarca.",
        "Apúntate a nuestra newsletter",
        "Abonnieren Sie unseren Newsletter und lesen Sie jeden Morgen das Wichtigste.",
        "Melden Sie sich hier für unseren Newsletter an.",
        "Recevez chaque matin notre newsletter.",
        "Inscrivez-vous à notre lettre d’information",
        "Iscriviti alla newsletter del mattino",
        "Receba o nosso boletim todas as manhãs.",
        "Schrijf je in voor onze nieuwsbrief",
        "Folgen Sie uns auf Facebook",
        "Artikel teilen",
        "Suivez-nous sur Instagram",
        "Partager sur Facebook",
        "Síguenos en Twitter",
        "Compartir en WhatsApp",
        "Seguici su Telegram",
        "Condividi questo articolo",
        "Siga-nos no Instagram",
        "Volg ons op X",
        "Deel dit artikel",
        "Facebook Twitter WhatsApp Email",
        "Share this: Facebook Twitter",
        "Share: Facebook | Twitter | Email",
        "Tweet",
        "Tweet Share",
        "Teilen: Facebook X WhatsApp",
        "Teilen auf Facebook",
        "Partager sur Facebook et Twitter",
        "Partager : Facebook X",
        "Compartir: Facebook Twitter",
        "Dela på Facebook",
        "Follow us on Twitter and Instagram",
        "Advertisement",
        "ADVERTISEMENT",
        "Story continues below advertisement",
        "___",
        "* * *",
        "◇",
    ],
)
def test_furniture_goes(line):
    assert boilerplate.is_furniture(line)
    first, second = BODY.split("\n\n")
    assert clean(f"{first}\n\n{line}\n\n{second}").text == BODY


@pytest.mark.parametrize(
    "line",
    [
        "Facebook said on Monday that it would share data with Reuters.",
        "Subscribe buttons vanished from the site, and nobody could say why.",
        "The newsletter had told its readers to sign up for cookies and to read more.",
        "Photo agencies are suing the company over copyright.",
        "Photographs by local people show the flood as it reached the square.",
        "Watching the game was a mistake, the coach said.",
        "Related companies must publish their accounts.",
        "Follow the money, the prosecutor told the jury.",
        "By Monday the storm had reached the coast.",
        "We use water from the river, the farmers said.",
        "Advertisement revenue fell by a third.",
        "Join the army, his father had told him.",
        "Follow Anna Kern into any court and you will hear more than a plea.",
        "Recibe cada mes un correo electrónico del juzgado.",
        "Reciben un boletín oficial los vecinos de cada barrio, dijo el alcalde.",
        "Folgen der Dürre sind auf den Feldern zu sehen.",
        "Teile der Stadt lagen ohne Strom.",
        "Der Newsletter der Partei erscheint jetzt monatlich.",
        "Have you seen him? Police ask anyone with news to call the station.",
        "Know the river, the fishermen say, and it will feed you.",
        "Sigue en huelga el personal de la clínica.",
        "Partager le pouvoir, le maire n’y songe pas.",
        "Cookie prices rose.",
        "“No.”",
        "2-1",
    ],
)
def test_news_stays(line):
    first, second = BODY.split("\n\n")
    assert clean(f"{first}\n\n{line}\n\n{second}").text == f"{first}\n\n{line}\n\n{second}"
    assert clean(f"{BODY}\n\n{line}").text == f"{BODY}\n\n{line}"


@pytest.mark.parametrize(
    "dateline",
    [
        "VIENNA (Reuters) - ",
        "LONDON, March 3 (AP) — ",
        "KABUL, Afghanistan (AP) -- ",
        "AP - ",
        "NEW DELHI: ",
        "New Delhi, Jul 31 (PTI) ",
        "SYDNEY : ",
        "PARIS - ",
        "WASHINGTON/NEW YORK (Reuters) - ",
        "ST. LOUIS, Mo., (Sports Network) - ",
        "PORT-AU-PRINCE, Haiti Oct. 2, 2004 - ",
        "Canadian Press - OTTAWA (CP) - ",
        "(CNN) -- ",
        "LONDON, England (CNN) -- ",
    ],
)
def test_dateline_goes(dateline):
    assert clean(dateline + BODY).text == BODY


@pytest.mark.parametrize(
    "opening",
    [
        "NATO: What comes next? ",
        "UNICEF - Some call it the last hope - said so. ",
        "Anna, the baker's daughter - She is nine - knows. ",
        "The mayor - who is ill - said so. ",
        "IBM - the computer maker - grew. ",
        "Paris: a city of light. ",
        "SUNDAY (the first of May) was wet. ",
    ],
)
def test_opening_that_is_no_dateline_stays(opening):
    assert clean(opening + BODY).text == opening + BODY


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("By Jane Doe", ("Jane Doe",)),
        ("By Jane Doe, Staff Writer", ("Jane Doe",)),
        ("BY JANE DOE", ("Jane Doe",)),
        ("By Jane Doe and Ann O’Neil", ("Jane Doe", "Ann O’Neil")),
        ("By Jane Doe | Daily News Reporter", ("Jane Doe",)),
        ("Von Jörg Müller", ("Jörg Müller",)),
        ("Par Élodie de la Tour", ("Élodie de la Tour",)),
    ],
)
def test_byline_fills_authors(line, authors):
    cleaned = clean(f"{line}\n\n{BODY}")
    assert (cleaned.text, cleaned.authors) == (BODY, authors)
    stated = clean(f"{line}\n\n{BODY}", authors=("Al Fox",))
    assert (stated.text, stated.authors) == (BODY, ("Al Fox",))


@pytest.mark.parametrize(
    ("head", "authors"),
    [
        ("28 November 2026, 05:13 | Norrby Post staff", ()),
        ("28.11.2026", ()),
        ("Norrby, Nov. 28, 2026", ()),
        ("By Jane Doe, 28 November 2026", ("Jane Doe",)),
        ("28 November 2026 | By Jane Doe and Ann Lee", ("Jane Doe", "Ann Lee")),
        ("By Jane Doe\n\n28 November 2026", ("Jane Doe",)),
        ("28 November 2026\n\nBy Jane Doe", ("Jane Doe",)),
        ("Council approves hospital\n\n28 November 2026\n\nCouncil approves hospital", ()),
    ],
)
def test_a_date_at_the_head_goes(head, authors):
    cleaned = clean(f"{head}\n\n{BODY}")
    assert (cleaned.text, cleaned.authors) == (BODY, authors)


def test_dates_of_a_chronology_stay():
    text = f"28 November 2026\n\n{BODY}\n\n29 November 2026\n\nIt closed."
    assert clean(text).text == text


@pytest.mark.parametrize(
    "credit",
    [
        "Jane Doe contributed reporting.",
        "—Associated Press writer Jane Doe in Paris contributed to this report.",
        "Reporting by Jane Doe; Editing by Al Fox",
        "(Reporting by Jane Doe in Vienna; editing by Al Fox)",
        "Additional reporting by Jane Doe",
        "(With inputs from agencies)",
        "With inputs from PTI",
        "mit dpa",
        "(dpa)",
        "Copyright 2026 Example News. All rights reserved.",
        "© 2026 Example News",
    ],
)
def test_credit_at_the_end_goes(credit):
    assert clean(f"{BODY}\n\n{credit}").text == BODY


@pytest.mark.parametrize(
    "tail",
    [
        " (With agency inputs)",
        "Follow @examplenews for more",
        "Additional reporting by Ana Sofia Romero in Caracas",
        " (kas)",
        " (AFP)",
    ],
)
def test_credit_after_the_last_sentence_goes(tail):
    assert clean(BODY + tail).text == BODY


@pytest.mark.parametrize(
    "repeat",
    [
        "Council approves hospital\n",
        "COUNCIL APPROVES HOSPITAL.\n\n",
        "# Council approves hospital\n\n",
    ],
)
def test_repeated_headline_goes(repeat):
    assert clean(repeat + BODY).text == BODY


def test_paragraphs_are_separated_by_one_blank_line_and_unwrapped():
    wrapped = (
        "The council of Karlsdorf approved the budget for its new hospital\n"
        "on Monday after a debate that lasted for more than nine hours and\n"
        "ended at dawn.\n\n\n\nWork will begin in March.\nPatients come later."
    )
    assert paragraphs.split_paragraphs(wrapped) == [
        "The council of Karlsdorf approved the budget for its new hospital on Monday after a "
        "debate that lasted for more than nine hours and ended at dawn.",
        "Work will begin in March.",
        "Patients come later.",
    ]


def test_doubled_paragraphs_go():
    assert clean(f"{BODY}\n\n{BODY}").text == BODY
    assert paragraphs.drop_repeats(["No.", "Why?", "No.", "No."]) == ["No.", "Why?", "No."]


def test_a_refrain_stays_but_a_third_copy_of_the_text_goes():
    lines = [
        f"Day {n}: rain fell on the town and on the fields around it for hours." for n in "abc"
    ]
    refrain = "And still the river rose, and still the mayor said that it would not."
    song = [part for line in lines for part in (line, refrain)]
    assert paragraphs.drop_repeats(song) == song
    assert paragraphs.drop_repeats(lines * 3) == lines
    assert paragraphs.drop_repeats([lines[0], refrain, lines[1], refrain]) == [
        lines[0],
        refrain,
        lines[1],
    ]


@pytest.mark.parametrize(
    ("fields", "flag"),
    [
        ({"title": "Storm: live updates"}, "live_blog"),
        ({"title": "Liveticker zum Sturm"}, "live_blog"),
        (
            {"text": "\n".join(f"1{n}:05 GMT: Rain fell on town {n} again." for n in range(6))},
            "live_blog",
        ),
        ({"text": f"{BODY}\n\nSubscribe to continue reading."}, "paywall_stub"),
        ({"text": f"{BODY}\n\nAlready a subscriber? Log in"}, "paywall_stub"),
        ({"text": f"{BODY} The vote […]"}, "truncated"),
        ({"text": f"{BODY} The vote… [+2345 chars]"}, "truncated"),
        ({"text": "Rain fell on Monday in every town."}, "short"),
    ],
)
def test_flags(fields, flag):
    cleaned = clean_article(article(**fields), CleanOptions())
    assert flag in cleaned.flags
    assert "ubscribe" not in cleaned.text
    assert "chars" not in cleaned.text


def test_plain_article_has_no_flag():
    long = " ".join([BODY] * 2)
    assert clean(long, title="They live in fear").flags == ()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"text": "Rain."}, "too_short"),
        ({"text": ""}, "too_short"),
        ({"text": "Advertisement\n\nShare this article"}, "too_short"),
        ({"text": "Subscribe to continue reading this story today."}, "paywall_stub"),
        ({"text": "404 Not Found. The page you asked for does not exist."}, "error_page"),
        ({"text": "Please enable JavaScript and reload this page to go on."}, "wall"),
        (
            {
                "text": "\n".join(f"Town {n} votes for its mayor" for n in range(20)),
                "url": "https://a.example/",
            },
            "home_page",
        ),
        (
            {
                "text": "\n".join(f"Town {n} votes for its mayor" for n in range(20)),
                "url": "https://a.example/world/",
            },
            "section_page",
        ),
    ],
)
def test_rejections(fields, reason):
    with pytest.raises(Rejected) as rejected:
        clean_article(article(**fields), CleanOptions())
    assert rejected.value.reason == reason


@pytest.mark.parametrize("name", ["ASP.NET", "Halden.COM", "NOTES.TXT", "Halden.Com"])
def test_names_with_a_point_stay_whole(name):
    text = f"A fault in {name} stopped the shop.It was mended on Monday, the company said later."
    assert clean(text=text).text == text.replace("shop.It", "shop. It")


ONE_SENTENCE = {
    "Amharic": "ከንቲባው በ{} ቀን አዲስ ድልድይ መረቁ።",
    "Amharic, typed": "ከንቲባው በ{} ቀን አዲስ ድልድይ መረቁ፡፡",
    "Arabic": "هل افتتح العمدة {} جسور جديدة في المدينة؟",
    "Armenian": "Քաղաքապետը բացեց {} նոր կամուրջ գետի վրա։",
    "Armenian, typed": "Քաղաքապետը բացեց {} նոր կամուրջ գետի վրա:",
    "Bengali": "মেয়র গতকাল {} নতুন সেতু উদ্বোধন করেছেন।",
    "Burmese": "မြို့တော်ဝန်က တံတားသစ် {} ခုကို ဖွင့်ခဲ့သည်။",
    "Chinese": "市长昨天为{}座新桥揭幕。",
    "English": "The mayor opened {} new bridges on Monday.",
    "Greek": "Γιατί ο δήμαρχος άνοιξε {} νέες γέφυρες;",
    "Hindi": "महापौर ने कल {} नए पुलों का उद्घाटन किया।",
    "Hindi, typed": "महापौर ने कल {} नए पुलों का उद्घाटन किया |",
    "Khmer": "អភិបាលក្រុងបានសម្ពោធស្ពានថ្មី {} ។",
    "Lao": "ເຈົ້າເມືອງໄດ້ເປີດຂົວໃໝ່ {} ແຫ່ງໃນວັນຈັນ",
    "Punjabi": "ਮੇਅਰ ਨੇ ਕੱਲ੍ਹ {} ਨਵੇਂ ਪੁਲਾਂ ਦਾ ਉਦਘਾਟਨ ਕੀਤਾ।",
    "Thai": "นายกเทศมนตรีเปิดสะพานใหม่ {} แห่งเมื่อวานนี้",
    "Tibetan": "གྲོང་དཔོན་གྱིས་ཟམ་པ་གསར་པ་ {} སྒོ་ཕྱེས་སོང་།",
    "Urdu": "میئر نے کل {} نئے پلوں کا افتتاح کیا۔",
}


@pytest.mark.parametrize("sentence", ONE_SENTENCE.values(), ids=ONE_SENTENCE)
def test_paragraphs_of_one_sentence_are_no_list_of_headlines(sentence):
    paragraphs = [sentence.format(number) for number in range(2, 14)]
    cleaned = clean(text="\n".join(paragraphs), url="https://a.example/world/")
    assert cleaned.text.split("\n\n") == paragraphs
    assert "link_list" not in cleaned.flags


def test_article_at_a_short_address_is_no_section_page():
    assert clean(url="https://a.example/world/").text == BODY


def test_cleaned_article():
    raw = RawDocument("a.txt", "text/plain", BODY.encode(), NOW)
    given_article = article(
        title="Council approves hospital | Daily News",
        source="Daily News",
        authors=("By Jane Doe", "jane doe"),
        section="Money\u00a0 ",
        language="de-DE",
        flags=("undated",),
        raw=raw,
    )
    cleaned = clean_article(given_article, CleanOptions())
    assert cleaned == replace(
        given_article,
        title="Council approves hospital",
        authors=("Jane Doe",),
        section="Money",
        language="en",
        flags=("short", "undated"),
        text_sha256=hashlib.sha256(BODY.encode()).hexdigest(),
        raw=None,
    )


def test_clean_title_and_authors():
    assert clean_title("Rain\n in  Vienna – Daily News", "Daily News") == "Rain in Vienna"
    assert clean_title("Daily News - what it is", "Daily News") == "Daily News - what it is"
    assert clean_authors(()) == ()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_cleaned_without_error(text):
    clean_article(article(f"{BODY}\n\n{text}"), CleanOptions())


@pytest.mark.parametrize(
    "unit",
    [
        *("a ", "A.", "?s ", "By A ", "\n", "( ", "READ | ", "&amp;", "<a ", ", ", '"', "© "),
        *("<script>", "</script>", "<!--", "<b<b", "\U000e0041", "👩\u200d"),
        *("<script></style>", "Follow a ", "newsletter ", "boletín. "),
    ],
)
def test_hostile_text_takes_linear_time(unit):
    def clean(text):
        clean_article(article(BODY + "\n\n" + text), CleanOptions())

    assert_linear(clean, lambda count: unit * count, 5_000, 40_000)


def test_pipeline():
    expected = [(BODY, ("Jane Doe",))]
    with beam.Pipeline(runner=fn_api_runner.FnApiRunner()) as pipeline:
        with ErrorHandler(beam.Map(lambda letter: (letter.step, letter.reason))) as errors:
            cleaned = (
                pipeline
                | beam.Create([article(f"By Jane Doe\n\n{BODY}"), article("Rain.")])
                | CleanArticles(CleanOptions(), errors)
            )
            assert_that(cleaned | beam.Map(lambda a: (a.text, a.authors)), equal_to(expected))
        assert_that(errors.output(), equal_to([("clean", "too_short")]), label="rejected")

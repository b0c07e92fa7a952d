"""Who else worked on an article: whole last lines go, in every language; sentences stay."""

import pytest

from transforms.clean import clean_body
from transforms.clean.credits import credit_languages, drop_credits, drop_tail, is_credit

CREDITS = [
    "Ada Perrin, Jonas Wiek, Rina Okafor and Tom B. Hale contributed coverage.",
    "Ada Perrin contributed reporting from Norrby, and Jonas Wiek from Estmark.",
    "Ada Perrin contributed research.",
    "Ada Perrin and Jonas Wiek contributed to this report.",
    "Contributing: Ada Perrin, Jonas Wiek",
    "Estmark Press writers Ada Perrin in Norrby and Jonas Wiek contributed to this story.",
    "—Ada Perrin contributed to this article.",
    "The Associated Press contributed to this report.",
    "Reuters and the Associated Press contributed to this article.",
    "Additional reporting by Ada Perrin and Jonas Wiek",
    "Additional reporting: Ada Perrin",
    "Additional reporting by AFP.",
    "Reporting by Ada Perrin; writing by Jonas Wiek; editing by Rina Okafor and Tom Hale",
    "(Reporting by Ada Perrin in NORRBY; Editing by Jonas Wiek)",
    "(Writing by Ada Perrin, Editing by William Maclean)",
    "Edited by: Ada Perrin",
    "Editing by Ada Perrin",
    "With reporting by Ada Perrin.",
    "With inputs from agencies",
    "(With PTI inputs)",
    "(With inputs from ANI)",
    "With additional reporting by Ada Perrin",
    "With files from The Canadian Press",
    "With files from Ada Perrin",
    "— with files from Ada Perrin and The Canadian Press",
    "With AFP",
    "Agencies",
    "- Reuters",
    "AP",
    "AFP/Reuters",
    "/PRNewswire/",
    "Compiled by Ada Perrin",
    "Source: AFP",
    "Sources: AFP, Reuters",
    "This story was produced by the newsroom of Norrby Radio.",
    "Photographs by Ada Perrin",
    "Research by Ada Perrin",
    "Fact-checked by Ada Perrin",
    "Translated by Ada Perrin",
    "Translated from the German by Ada Perrin",
    "Mit Material von dpa",
    "Mit Material der dpa",
    "mit Informationen von AFP und Reuters",
    "Mit Agenturmaterial",
    "Mit dpa/AFP",
    "(mit dpa-Material)",
    "Mitarbeit: Ada Perrin, Jonas Wiek",
    "Unter Mitarbeit von Ada Perrin",
    "dpa/aper",
    "Quelle: dpa",
    "ZEIT ONLINE, dpa, AFP, aper",
    "(dpa/lno)",
    "Aus dem Englischen von Ada Perrin",
    "avec AFP",
    "(avec AFP)",
    "Avec l'AFP",
    "Avec AFP et Reuters",
    "Avec notre correspondante à Norrby, Ada Perrin",
    "avec agences",
    "Propos recueillis par Ada Perrin",
    "Ada Perrin a contribué à cet article.",
    "Con información de EFE",
    "Con información de AP y Reuters.",
    "(Con información de Ada Perrin)",
    "Con agencias",
    "Reporte adicional de Ada Perrin",
    "Con reportes de Ada Perrin y Jonas Wiek",
    "Ada Perrin contribuyó a este reportaje.",
    "Con informazioni di ANSA",
    "Ha collaborato Ada Perrin",
    "Com informações da Agência Brasil",
    "(Com informações da Reuters)",
    "*Com informações de Ada Perrin",
    "Colaborou Ada Perrin",
    "Met medewerking van Ada Perrin",
    "Bron: ANP",
    "Med bidrag från Ada Perrin",
    "Källa: TT",
    "(©NTB)",
    "/ritzau/",
    "/ritzau/Reuters",
    "Kilde: Ritzau",
    "Lähde: STT",
    "Źródło: PAP",
    "oprac. Ada Perrin",
    "Współpraca: Ada Perrin",
    "Zdroj: ČTK",
    "(ČTK)",
    "Forrás: MTI",
    "Sursa: Agerpres",
    "Източник: БТА",
    "Πηγή: ΑΠΕ-ΜΠΕ",
    "Izvor: Hina",
    "Vir: STA",
    "Allikas: BNS",
    "Avots: LETA",
    "Šaltinis: ELTA",
    "Источник: ТАСС",
    "По материалам РИА Новости",
    "Джерело: Укрінформ",
    "Kaynak: Anadolu Ajansı",
    "(AA)",
    "Font: EFE",
    "Sumber: Antara",
    "Nguồn: TTXVN",
    "المصدر: رويترز",
    "منبع: ایرنا",
    "(भाषा)",
    "स्रोत: पीटीआई",
    "ที่มา: รอยเตอร์",
    "（共同）",
    "来源：新华社",
    "（责任编辑：李明）",
    "출처: 연합뉴스",
    # Several on one line.
    "Ada Perrin reported from Norrby and Jonas Wiek from Vellin. Tom Hale contributed reporting.",
    "Ada Perrin contributed reporting from Norrby. Tom B. Hale contributed research.",
    "(Reporte de Ada Perrin; editado en español por Jonas Wiek)",
    "(Reporte de Ada Perrin, editado en español por Jonas Wiek)",
    "(Reportage Ada Perrin, version française Jonas Wiek, édité par Rina Okafor)",
    "(Bericht von Ada Perrin, redigiert von Jonas Wiek.)",
    "(Ada Perrin, editing Jonas Wiek)",
    "(Reportagem de Ada Perrin; Edição de Jonas Wiek)",
    # And more ways.
    "By Ada Perrin",
    "Von Ada Perrin",
    "Estmark’s Ada Perrin contributed to this report.",
    "Staff writer Ada Perrin contributed to this report.",
    "Ada Perrin, in Norrby, contributed reporting.",
    "--With assistance from Ada Perrin and Jonas Wiek.",
    "Jonas Wiek assisted with reporting.",
    "Audio produced by Ada Perrin.",
    "Except for the headline, this story has not been edited and is from a syndicated feed.",
    "(This story has not been edited by us and is auto-generated from a syndicated feed.)",
    "Ada Perrin/TT",
    "(ČTK, ap)",
    "aper/ jwi/",
    "（取材・文：佐藤花子）",
    "（佐藤花子）",
    "文：李明",
    "(رويترز)",
    "Ada Perrin, Jonas Wiek and other staff of The Estmark Post contributed to this story.",
    "Ada Perrin and Reuters",
    "Le Courrier (avec AFP)",
    "An diesem Bericht haben Ada Perrin und Jonas Wiek mitgewirkt.",
    "Riproduzione riservata © Copyright ANSA",
    "Подготовил Иван Петров",
    "Підготувала Олена Коваль",
    "This story has been updated.",
    "This report by The Canadian Press was first published May 13, 2024.",
]


@pytest.mark.parametrize("line", CREDITS)
def test_credit_goes_as_the_last_line(line):
    assert drop_credits(["It rained.", line]) == ["It rained."]
    assert drop_credits(["It rained.", line, line]) == ["It rained."]
    assert drop_credits([line, "It rained."]) == [line, "It rained."]
    assert drop_credits([line]) == [line]


SENTENCES = [
    "The museum contributed 5,000 crowns to the fund.",
    "Reporting by the commission found that the dam had cracks in nine places.",
    "The drought contributed to this year's poor harvest.",
    "Ada Perrin contributed to this year's record.",
    "Ada Perrin contributed two goals and Jonas Wiek saved a penalty.",
    "With inputs from farmers rising, bread will cost more in spring.",
    "With agencies closing, the union fears for 40 jobs.",
    "With Reuters he moved to Norrby in 1998.",
    "Editing by hand took the team nine months, she said.",
    "Writing by candlelight, Perrin finished the novel in May.",
    "Reporting from the coast is dangerous, the union said.",
    "AP courses will be free from autumn on.",
    "Edited by committee, the law satisfies nobody.",
    "Translated by machines, the text was full of errors.",
    "Mit Material von der Deponie wurde der Damm verstärkt.",
    "Mit der dpa sprach sie über ihre Pläne.",
    "Mit Informationen hielt sich die Polizei am Montag zurück.",
    "Avec l'argent de la ville, le musée achète trois tableaux.",
    "Avec Paris, Lyon et Nice, la France propose trois villes.",
    "Con información de satélites, los bomberos trazaron el mapa.",
    "Con agencias cerradas, el turismo cayó un 40 por ciento.",
    "Com informações falsas, o grupo enganou 300 pessoas.",
    "Met medewerking van de buren vond de politie de fiets terug.",
    "Ada Perrin e Jonas Wiek colaboraram com a polícia durante três anos.",
    "Источник воды закрыли в мае.",
    "Агентства закрываются одно за другим.",
    "Agencies will close on Monday.",
    "By Monday, all roads were open again.",
    "Von Montag an fahren die Busse wieder.",
    "Por Norrby pasan tres ríos.",
    "Par Norrby passent trois rivières.",
    "The report was edited by hand. It has 300 pages.",
    "Norrby, AP and the port belong to one owner now, the court said.",
    "This story is not over, the mayor said.",
    "He spoke with files from the archive on his knees.",
    "Source: the river rises at Mill Point and flows to the sea.",
    "This story was updated by every teller, and grew.",
    "An diesem Bericht haben die Abgeordneten drei Jahre gearbeitet.",
]


@pytest.mark.parametrize("line", SENTENCES)
def test_sentence_stays(line):
    assert drop_credits(["It rained.", line]) == ["It rained.", line]


def test_text_behind_a_credit_stays():
    lines = ["It rained.", "Additional reporting by Ada Perrin", "It rained on Tuesday, too."]
    assert drop_credits(lines) == lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rained. (Reporting by Ada Perrin; Editing by Jonas Wiek)", "It rained."),
        ("“It rained.” Additional reporting by Ada Perrin", "“It rained.”"),
        ("It rained. (dpa)", None),
        ("She gave all to the AP.", None),
        ("It rained with inputs from the sea.", None),
    ],
)
def test_credit_behind_the_last_sentence(text, expected):
    assert drop_tail([text]) == [expected or text] or text.endswith("(dpa)")


def test_languages_have_credits():
    assert {"en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "ja"} <= set(credit_languages())
    assert not is_credit("")


@pytest.mark.parametrize(
    "line",
    [
        "AP writers Jane Doe in Berlin and Al Fox in Paris contributed.",
        "The Associated Press contributed.",
        "—with Jane Doe in Berlin",
        "This report includes material from The Associated Press.",
        "This story has been edited from an agency feed.",
        "PTI JD AF",
        "Jane Doe can be reached at jane@norrby.example.",
        "E-mail: jane@norrby.example",
        "Le Monde avec AFP",
        "Jane Doe mit dpa",
        "(Source AFP)",
        "Agencias",
        "RIPRODUZIONE RISERVATA",
        "Автор: Jane Doe",
        "(Theo Reuters)",
        "【山田太郎】",
        "(c)AFP",
        "记者 张三",
        "<저작권자(c) 노르비통신, 무단 전재-재배포 금지>",
        "무단전재 및 재배포 금지",
        "(यह खबर सिंडिकेट फीड से सीधे प्रकाशित की गई है)",
        "انتهای پیام/",
    ],
)
def test_more_ways_to_say_it(line):
    assert clean_body(f"{RAIN}\n\n{RAIN_AGAIN}\n\n{line}", "Rain", None).paragraphs == [
        RAIN,
        RAIN_AGAIN,
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Anyone who saw the ship can write to police@norrby.example.",
        "With the ferry came fifty people, and none of them had paid.",
        "Avec la marée, le bac est arrivé.",
        "Mit der Fähre kamen fünfzig Leute.",
        "The harbour office contributed 5,000 crowns.",
    ],
)
def test_a_last_sentence_is_no_credit(line):
    assert clean_body(f"{RAIN}\n\n{line}", "Rain", None).paragraphs == [RAIN, line]


RAIN = "It rained for three days in Norrby, and the ferry was late."
RAIN_AGAIN = "On the fourth day the sun came out, and fifty people went home."

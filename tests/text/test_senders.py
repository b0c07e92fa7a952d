"""Where the sender of a press release begins to speak of itself."""

import pytest

from transforms.text.senders import news_end

NEWS = ["Orvane builds a mill in Tarn.", "It will grind 900 tonnes a day."]


@pytest.mark.parametrize(
    "words",
    [
        ["About Orvane: Orvane grinds grain in nine countries.", "It was founded in 1921."],
        ["About the Orvane Group", "The Orvane Group grinds grain in nine countries."],
        ["Über Orvane", "Orvane mahlt Getreide in neun Ländern."],
        ["À propos d’Orvane : Orvane moud du grain dans neuf pays."],
        ["Acerca de Orvane", "Orvane muele grano en nueve países."],
        ["Om Orvane: Orvane maler korn i ni lande."],
        ["Forward-looking statements: Results may differ."],
        ["Media contact: press office, Orvane, Tarn"],
        ["Pressekontakt", "Orvane, Tarn"],
    ],
)
def test_what_a_sender_says_of_itself_is_no_news(words):
    assert news_end([*NEWS, *words]) == len(NEWS)


@pytest.mark.parametrize(
    "words",
    [
        ["About 300 people: that is how many it will employ."],
        ["About Hesper", "Hesper grinds grain in nine countries."],  # nobody spoke of it
        ["About 60 Orvane mills", "Orvane mills run at night."],
        ["About Tarn: the council wants a bridge."],  # a topic, not a name that goes on
        ["About Orvane, he said nothing."],
        ["Over Orvane hung a cloud."],
        ["He spoke of forward-looking statements."],
    ],
)
def test_news_stays(words):
    assert news_end([*NEWS, *words]) == len(NEWS) + len(words)


def test_what_comes_first_is_news():
    assert news_end(["About Orvane: Orvane builds a mill."]) == 1
    assert news_end([]) == 0

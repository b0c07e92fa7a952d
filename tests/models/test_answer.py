import pytest

from transforms.models.answer import is_about_summary, own_words

NEWS = "50,000 people marched through Lund on Sunday."
MORE = "The police counted 31,000."


@pytest.mark.parametrize(
    "answer",
    [
        NEWS,
        f"  {NEWS}\n",
        # Thoughts: paired, begun in the prompt, cut off, in other spellings.
        f"<think>\nThe user wants a summary.\n\nKeep it short.\n</think>\n\n{NEWS}",
        f"The user wants a summary.</think>{NEWS}",
        f"{NEWS}\n<think>Is this short enough? Let me count",
        f"<Thinking>Hm.</Thinking>{NEWS}",
        f"[THINK]Hm.[/THINK]{NEWS}",
        f"<|channel|>analysis<|message|>Hm.<|end|><|channel|>final<|message|>{NEWS}",
        f"analysisWe need to be brief.assistantfinal{NEWS}",
        # What introduces it, on a line of its own or not.
        f"Here is a summary of the article:\n\n{NEWS}",
        f"Here is a summary of the article: {NEWS}",
        f"Sure! Here's a concise summary in 70 words or less:\n{NEWS}",
        f"Certainly, here are the key points:\n- {NEWS}",
        f"Sure, I'd be happy to help.\n{NEWS}",
        f"This is a short summary of the article. {NEWS}",
        f"Hier ist eine kurze Zusammenfassung des Artikels: {NEWS}",
        f"Voici un résumé de l'article :\n{NEWS}",
        f"Aquí tienes un resumen del artículo: {NEWS}",
        f"以下是这篇文章的摘要：{NEWS}",
        # Headings and Markdown.
        f"Summary: {NEWS}",
        f"**Summary:** {NEWS}",
        f"## Summary\n\n{NEWS}",
        f"**Zusammenfassung**\n{NEWS}",
        f"```\n{NEWS}\n```",
        f"**{NEWS}**",
        f"“{NEWS}”",
        # What is said after it.
        f"{NEWS}\n\nLet me know if you'd like a shorter version!",
        f"{NEWS}\n(Word count: 9)",
        f"{NEWS}\n\nNote: This summary is within the word limit.",
        # Marks of a list.
        f"- {NEWS}",
        f"• {NEWS}",
        f"* {NEWS}",
    ],
)
def test_only_the_summary_is_left(answer):
    assert own_words(answer) == NEWS
    assert own_words(own_words(answer)) == NEWS


@pytest.mark.parametrize("marks", [("1. ", "2. "), ("1) ", "2) "), ("(1) ", "(2) "), ("- ", "- ")])
def test_marks_of_lists(marks):
    lines = [mark + text for mark, text in zip(marks, (NEWS, MORE), strict=True)]
    assert own_words("\n".join(lines)) == f"{NEWS}\n{MORE}"


@pytest.mark.parametrize(
    "text",
    [
        "-5 degrees were measured in Lund.",
        "3. Liga: Lindenau steigt auf.",
        "1.2 million people have no water.",
        "2026 was a good year for wine.",
        "12 people were hurt.\n40 others were treated on the spot.",
        "The summary judgment was overturned on Monday.",
        "Headline inflation fell to 2%.",
        "Here is where the river broke its banks, and where it may do so again.",
        "“We are done,” said Tor Eide. “Nobody was hurt.”",
        "Okay was the most used word of the year.",
        "Sure Start centres are to reopen.",
    ],
)
def test_what_is_no_mark_and_no_frame_stays(text):
    assert own_words(text) == text


@pytest.mark.parametrize("answer", ["", "<think>Hm", "<think>Hm.</think>", "Summary:", "```\n```"])
def test_an_answer_without_a_summary_is_empty(answer):
    assert own_words(answer) == ""


def test_remarks_on_the_summary():
    assert is_about_summary("Here is a summary of the article:")
    assert is_about_summary("This summary contains 60 words.")
    assert not is_about_summary(NEWS)

"""What a chat model says around a summary, taken off: thoughts, greetings, headings, list marks.

A line of an answer is one of a list only if a mark stands before a space: "- Two bridges close",
"1. Two bridges close" where a second line begins with 2. "50,000 people" and "-5 degrees" are none.
"""

import re
from collections.abc import Iterable

_TAGS = "think|thinking|thoughts?|reasoning|reflection|analysis|scratchpad|seed:think"
_TAG = re.compile(rf"<(?P<end>/?)(?P<tag>{_TAGS})>", re.IGNORECASE)
_THOUGHTS = (
    # An end whose beginning stood in the prompt, then a beginning that was cut off.
    re.compile(rf"\A.*</(?:{_TAGS})>", re.DOTALL | re.IGNORECASE),
    re.compile(rf"<(?:{_TAGS})>.*\Z", re.DOTALL | re.IGNORECASE),
    re.compile(r"\[THINK\].*?(?:\[/THINK\]|\Z)|\A.*\[/THINK\]", re.DOTALL),
    re.compile(r"◁think▷.*?(?:◁/think▷|\Z)|\A.*◁/think▷", re.DOTALL),
    # gpt-oss ("harmony"): with its control tokens, and where a server has removed them.
    re.compile(r"\A.*<\|channel\|>final<\|message\|>|<\|channel\|>analysis.*\Z", re.DOTALL),
    re.compile(r"\Aanalysis.*assistantfinal", re.DOTALL),
)
_CONTROL = re.compile(r"<\|[a-z_]+\|>")

_SUMMARY = (
    r"(?:summar(?:y|ies|i[sz]ation|i[sz]ed)|headlines?|bullet[ -]?points?|key (?:points|takeaways)"
    r"|tl;?dr|synopsis)"
)
_SUMMARY_ABROAD = (
    r"(?:zusammenfassung|kurzfassung|schlagzeile|résumé|resumen|titular|riassunto|sintesi|resumo"
    r"|samenvatting|sammanfattning|sammendrag|oppsummering|resumé|tiivistelmä|streszczenie"
    r"|podsumowanie|shrnutí|özet|краткое содержание|краткое изложение|резюме|摘要|总结|要約|요약)"
)
_GREETING = (
    r"(?:(?:sure|certainly|of course|absolutely|okay|ok|great|yes)\b[,!.:]?\s*"
    r"(?:thing\b[,!.]?\s*)?)"
)
_FRAME = re.compile(
    rf"{_GREETING}?(?:here(?:['’]s| is| are)|below (?:is|are)|the following (?:is|are)"
    rf"|this is an? (?=(?:\w+ )?summary)|i(?:['’]ve| have) (?:written|prepared|summari[sz]ed))"
    rf"[^.:!?\n]{{0,120}}?\b{_SUMMARY}\b[^.:!?\n]{{0,120}}(?::|[.!](?=\s|$)|$)\s*"
    rf"|{_GREETING}(?:i(?:['’]d| would|['’]ll| will| can)|happy to|let me)\b"
    r"[^.:!\n]{0,120}[.:!]\s*"
    rf"|(?:sure|certainly|of course|absolutely)(?: thing)?[!.]\s*(?=$)"
    r"|(?:hier (?:ist|sind|folgt)|voici|aquí (?:está|están|tienes?|va)|ecco|aqui (?:está|vai)"
    r"|hier is|här (?:är|kommer)|her (?:er|kommer)|tässä on|oto|zde je|tady je|işte|вот|以下|下面"
    rf"|다음은)[^.:!?。：\n]{{0,80}}?{_SUMMARY_ABROAD}[^.:!?。：\n]{{0,80}}(?:[:：]|[.。](?=\s|$)|$)\s*",
    re.IGNORECASE,
)
_LABEL = re.compile(
    rf"(?:(?:final |article |news |short |brief )?(?:{_SUMMARY}|answer)(?: of the article)?"
    rf"|{_SUMMARY_ABROAD})\s*+(?:\([^()]{{1,30}}\)\s*+)?(?:[:：]\s*|$)",
    re.IGNORECASE,
)
_AFTERWORD = re.compile(
    r"(?:let me know (?:if|whether|what)|i hope (?:this|that|it)\b.{0,20}\b(?:help|useful|meet)"
    r"|(?:please )?feel free to|would you like me|do you want me|is there anything else"
    r"|if you(?:['’]d| would) like (?:me|a|another|more)"
    rf"|(?:please )?note(?: that|:).{{0,60}}\b(?:{_SUMMARY}|word)"
    r"|(?:this|the above) summary (?:is|was|has|contains|uses|stays|meets|captures|covers)"
    r"|\(?word count\b|\(?(?:approx(?:imately|\.)? )?\d+ words?\)?\.?$)",
    re.IGNORECASE,
)

_MARK = re.compile(r"(?:[-*+•–—·‣▪◦●]\s+)+")
_NUMBER = re.compile(r"\(?(\d{1,2})[.)]\s+")
_MARKDOWN = re.compile(r"^\s{0,3}(?:#{1,6}\s+|>\s*)|^\s*(?:```\w*|-{3,}|\*{3,}|_{3,})\s*$")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_QUOTED = re.compile(r'["“„«](?P<inner>[^"“”„«»]+)["”“»]')


def own_words(answer: str) -> str:
    r"""Return the summary in a model's `answer`, one line for each of its lines; empty if none.

    >>> own_words("<think>Short.</think>Here is a summary of the article:\n\n50,000 marched.")
    '50,000 marched.'
    >>> own_words("**Summary:**\n1. Two bridges close.\n2. Repairs take a year.")
    'Two bridges close.\nRepairs take a year.'
    """
    answer = _without_pairs(answer)
    for thought in _THOUGHTS:
        answer = thought.sub("", answer)
    lines = [_plain(line) for line in _CONTROL.sub(" ", answer).splitlines()]
    lines = _unmarked([line for line in lines if line])
    lines = _without_frame(lines)
    text = "\n".join(lines)
    quoted = _QUOTED.fullmatch(text)
    return quoted["inner"].strip() if quoted else text


def _without_pairs(answer: str) -> str:
    """Return `answer` without what stands between a tag of thoughts and its end.

    >>> _without_pairs("<think>a<analysis>b</think>c</analysis><reasoning>d<think>e</think>f")
    'c</analysis><reasoning>df'
    """
    opened: dict[str, int] = {}
    cuts: list[tuple[int, int]] = []
    for match in _TAG.finditer(answer):
        tag = match["tag"].lower()
        if not match["end"]:
            opened.setdefault(tag, match.start())
        elif tag in opened:
            start = opened[tag]
            while cuts and cuts[-1][0] > start:
                cuts.pop()
            cuts.append((start, match.end()))
            opened = {other: place for other, place in opened.items() if place < start}
    ends = [0, *(end for _, end in cuts)]
    starts = [*(start for start, _ in cuts), len(answer)]
    return "".join(answer[end:start] for end, start in zip(ends, starts, strict=True))


def is_about_summary(sentence: str) -> bool:
    """Return whether `sentence` speaks of the summary, and not of the news.

    >>> is_about_summary("Let me know if you would like a shorter version.")
    True
    """
    return bool(_AFTERWORD.match(sentence) or _FRAME.fullmatch(sentence))


def _plain(line: str) -> str:
    """Return `line` without the marks of Markdown."""
    return _STRONG.sub(r"\2", _MARKDOWN.sub("", line)).strip()


def _unmarked(lines: list[str]) -> list[str]:
    """Return `lines` without the marks of a list; numbers are marks where they count from 1."""
    numbers = [int(match[1]) for line in lines if (match := _NUMBER.match(line))]
    counts = len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1))
    bare = (_MARK.sub("", line, count=1) if _MARK.match(line) else line for line in lines)
    return [_NUMBER.sub("", line, count=1) if counts else line for line in bare]


def _without_frame(lines: Iterable[str]) -> list[str]:
    """Return `lines` without what introduces the summary, and what is said after it."""
    kept: list[str] = []
    for line in lines:
        text = line
        if not kept:  # what introduces it stands before everything else
            text = _FRAME.sub("", text, count=1) if _FRAME.match(text) else text
            text = _LABEL.sub("", text, count=1) if _LABEL.match(text) else text
        if text and not _AFTERWORD.match(text):
            kept.append(text)
    return kept

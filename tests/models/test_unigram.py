"""Text is cut as the library `tokenizers` cuts it, which takes more memory."""

import random
import unicodedata

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from transforms.models.unigram import Unigram
from transforms.text.news_lines import news_lines

START = "\u2581"
UNKNOWN = 3


def texts(pieces, draw):
    """Lines of news, pieces that stand one behind the other, and characters of any kind."""
    yield from news_lines()[:100]
    for _ in range(300):
        drawn = (
            draw.choice(pieces) + draw.choice(("", "", " ")) for _ in range(draw.randrange(30))
        )
        yield "".join(drawn).replace(START, " ")
    planes = ((32, 127), (160, 0x3000), (0x3000, 0xD7FF), (0xE000, 0x1FFFF))
    for _ in range(300):
        drawn = (chr(draw.randrange(*draw.choice(planes))) for _ in range(draw.randrange(80)))
        yield "".join(drawn).replace(START, " ")
    yield from (
        "",
        " ",
        "\x1c",
        "a\x1fb \x85c",
        "x" * 3000,
        "議会は月曜日に" * 40,
        "\0",
        "<s></s><unk>",
    )


@pytest.fixture(scope="module")
def scored():
    """Pieces of letters, and of some that follow each other, with scores that tie now and then."""
    draw = random.Random(5)
    lines = " ".join(news_lines()).replace(" ", START)
    starts = [draw.randrange(len(lines)) for _ in range(4000)]
    drawn = {lines[start : start + draw.randrange(1, 9)] for start in starts} | {"議会", "月曜"}
    pieces = ["<s>", "<pad>", "</s>", "<unk>", *sorted(p for p in drawn if START not in p[1:])]
    return pieces, [0.0] * 4 + [-float(draw.randrange(4, 15)) for _ in pieces[4:]]


def test_pieces_are_those_of_the_library(scored):
    pieces, scores = scored
    theirs = Tokenizer(models.Unigram(list(zip(*scored, strict=True)), unk_id=UNKNOWN))
    theirs.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    ours = Unigram(pieces, scores, UNKNOWN)
    for text in texts(pieces, random.Random(1)):
        read = unicodedata.normalize("NFC", text)
        wanted = theirs.encode(read).ids
        assert ours.cut(read, 10**6) == wanted, text
        assert ours.cut(read, 7) == wanted[:7]

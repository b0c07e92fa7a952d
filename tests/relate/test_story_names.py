"""By which names and words the story of an article is found."""

import numpy as np
import pytest

from transforms.relate.story_names import NAMES, rarity, story_names


def shared(one, other, language="en"):
    """Return how many names two sentences share."""
    left, right = (story_names("", [text], language).tolist() for text in (one, other))
    return len({*left} & {*right})


def test_names_are_hashes_in_order_that_never_change():
    names = story_names("", ["The dam at Zelandov broke on Monday."], "en")
    assert names.dtype == np.uint32
    assert names.tolist() == sorted(names.tolist())
    assert shared("Rain at Zelandov.", "Fog in Zelandov.") == 1
    assert story_names("", ["In Zelandov."], "pl").tolist() == [3909882757]
    assert len(story_names("", [], "en")) == 0


def test_in_english_rare_words_count_and_frequent_ones_do_not():
    assert shared("the queen will abdicate", "a king may abdicate") == 1
    assert shared("they said it was the first year", "it was the first time they said") == 0
    assert shared("on Monday in March", "next March or on Monday") == 0
    assert rarity("the") < rarity("people") < rarity("strike") < rarity("hewitt")


def test_elsewhere_names_and_pairs_of_names_count():
    one, other = "Am Montag sprach Karin Voss dort.", "Dort sah Karin Voss nichts."
    assert shared(one, other, "de") == 3  # each, and the pair
    assert shared(one, "Dort sah Karin Lohse nichts.", "de") == 1
    assert shared("Karin ging", "Karin kam", "de") == 0  # a capital opens every sentence
    assert shared("er sprach dort", "dort sprach er", "de") == 0
    assert shared("市長は会見で述べた", "市長は会見で述べた", "ja") == 0


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_names_used_most_are_kept(language):
    words = [f"Q{chr(97 + n // 26)}{chr(97 + n % 26)}x" for n in range(NAMES + 6)]
    often = " and ".join(words[6:])
    names = story_names("", [f"the {' and '.join(words)}", f"the {often}"], language)
    assert names.tolist() == story_names("", [f"the {often}"], language).tolist()
    assert len(names) == NAMES


def test_a_word_of_the_title_counts_more():
    words = [f"Q{chr(97 + n // 26)}{chr(97 + n % 26)}x" for n in range(NAMES + 1)]
    sentence = f"the {' and '.join(words)}"
    last = story_names("", [f"the {words[-1]}"], "fr").tolist()[0]
    assert last not in story_names("", [sentence], "fr").tolist()
    assert last in story_names(words[-1], [sentence], "fr").tolist()


def test_names_beside_vectors_of_another_encoder_are_others():
    sentences = ["In Zelandov the dam of Orlen broke."]
    own, marked = (set(story_names("", sentences, "de", mark).tolist()) for mark in (b"", b"e5"))
    assert len(own) == len(marked) > 0
    assert not own & marked
    assert story_names("", sentences, "de", b"e5").tolist() == sorted(marked)

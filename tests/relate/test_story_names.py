"""By which names and words the story of an article is found."""

import numpy as np
import pytest

from transforms.relate.story_names import (
    NAMES,
    has_words,
    name_weights,
    rarity,
    story_names,
    story_words,
)


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
    words = [f"Q{chr(97 + n // 26)}{chr(97 + n % 26)}x" for n in range(2 * NAMES + 6)]
    often = words[-NAMES:]
    names = story_names("", [f"the {' and '.join(part)}" for part in (words, often)], language)
    alone = (story_names("", [f"the {word}"], language).tolist() for word in often)
    assert names.tolist() == sorted(key for keys in alone for key in keys)
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


def weights(text, language="en"):
    return sorted(name_weights(story_names("", [text], language)).tolist())


def test_a_name_that_opens_a_sentence_is_one():
    assert weights("Hollberg will build the quay.") == [0, 0, 2]  # no dictionary has it
    assert weights("Karin Voss will build the quay.") == [0, 0, 1, 1]
    assert weights("Rescuers will build the quay.") == [0, 0, 0]
    assert weights("The Voss will build the quay.") == [0, 0, 1]
    assert not story_words("", ["Zorbs fell.", "She saw zorbs."], "en")["zorbs"]  # written small


def test_a_name_in_a_headline_is_one_unless_all_words_have_a_capital():
    assert story_words("Dozens rescued at Karst mine", [], "en")["karst"]
    assert not story_words("Dozens Rescued at Karst Mine", [], "en")["karst"]


def test_a_rare_name_counts_as_two_and_other_words_as_none():
    assert weights("the strike at Zelandov and in Paris") == [0, 1, 2]
    assert weights("la huelga de Zelandov y de Paris", "es") == [1, 1]
    assert not has_words(story_names("", ["la huelga de Zelandov"], "es"))
    assert has_words(story_names("", ["the strike at Zelandov"], "en"))


def test_of_a_short_article_the_rarer_half_is_kept():
    words = ["quay", "winter", "harbour", "strike", "morning", "engine", "captain", "village"]
    kept = story_words("", [f"the {' '.join([*words, *(f'{word}x' for word in words)])}"], "en")
    assert list(kept) == sorted(f"{word}x" for word in words)
    assert len(story_words("", [f"the {' '.join(words[:8])}"], "en")) == 8  # the fewest

import numpy as np
import pytest

from transforms.summarize.word_vectors import word_vectors, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("It is so.", []),
        ("Regierungen und 27 Länder", ["regie", "27", "lände"]),
        ("القاهرة في", ["القاه"]),
        ("東京で", ["東京", "京で"]),
        ("東", ["東"]),
        ("सरकार ने", ["सरकार"]),
        ("สภาที่", ["สภ", "ภา", "าท", "ที", "ี่"]),
        ("서울시는", ["서울", "울시", "시는"]),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


def test_word_vectors():
    vectors = word_vectors(["Der Bundestag", "Bundestags Regeln", "Andere Sachen", ""])
    assert vectors.shape[0] == 4
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 0])
    likeness = vectors @ vectors.T
    assert likeness[0, 1] > 0.5
    assert likeness[0, 2] == likeness[0, 3] == 0


def test_a_word_that_all_share_counts_least():
    texts = [f"Minister {name}" for name in ("Adenauer", "Brandt", "Scheel")]
    vectors = word_vectors(texts)
    assert vectors @ vectors.T == pytest.approx(np.eye(3), abs=0.1)
    assert word_vectors(["", ""]).shape == (2, 0)

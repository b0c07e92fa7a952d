from builders import EVAL
from fuzz import fuzz, samples


def test_mutated_input_becomes_articles_and_dead_letters_and_nothing_else():
    results = fuzz(samples(EVAL), inputs=300, start=20261001)
    assert sum(counted.total() for counted, _ in results.values()) > 100
    assert sum(counted["article"] for counted, _ in results.values()) > 30

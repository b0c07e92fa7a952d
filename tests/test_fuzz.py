from builders import EVAL
from fuzz import fuzz, samples


def test_odd_input_becomes_articles_and_dead_letters_and_nothing_else():
    results = fuzz(samples(EVAL), range(200), seed=20261001)
    assert results.faults == {}
    assert sum(counted.total() for counted in results.outcomes.values()) > 150
    assert sum(counted["article"] for counted in results.outcomes.values()) > 30
    assert len(results.outcomes) > 10

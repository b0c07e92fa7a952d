from transforms.models.cache import ResultCache, result_key


def test_results_are_kept_across_objects(tmp_path):
    ResultCache(str(tmp_path / "c"), 10**6).put({"k": ["text", True], "l": 0.5})
    again = ResultCache(str(tmp_path / "c"), 10**6)
    assert again.get(["k", "l", "m"]) == {"k": ["text", True], "l": 0.5}
    again.put({"k": "newer"})
    assert again.get(["k"]) == {"k": "newer"}


def test_a_cache_without_file_is_empty_and_makes_none(tmp_path):
    cache = ResultCache(str(tmp_path / "c"), 10**6)
    assert cache.get(["k"]) == {}
    cache.put({})
    assert not (tmp_path / "c").exists()


def test_size_is_bounded_and_the_least_used_go_first(tmp_path):
    cache = ResultCache(str(tmp_path), 10_000)
    keys = [f"k{i}" for i in range(40)]
    for key in keys:
        cache.put({key: "x" * 500})
        cache.get(["k0"])  # stays in use
    kept = cache.get(keys)
    assert {"k0", "k39"} <= kept.keys()
    assert "k1" not in kept
    assert len(kept) * 700 <= 10_000


def test_everything_that_determines_a_result_is_in_its_key():
    keys = {
        result_key(*parts)
        for parts in (
            ("t", "summarize", "a", "b"),
            ("u", "summarize", "a", "b"),
            ("t", "classify", "a", "b"),
            ("t", "summarize", "ab", ""),
            ("t", "summarize", ("a", "b")),
        )
    }
    assert len(keys) == 5

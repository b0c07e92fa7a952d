"""Sentence splitters side by side, on marked sentences of 32 languages.

    python benchmarks/sentences.py [--half development|held-out|both] [LANGUAGE ...]

The sentences are in tests/text/sentences, invented for this, one a line, paragraphs apart by a
blank line. Every second paragraph is held out: nothing was chosen on it. Printed is the F1 of the
ends of sentences within paragraphs, in per cent, for ours and for each library that is installed
(sentencex, pysbd, blingfire, icu4py with CLDR's suppressions, nltk's punkt), and over all languages
its mean. `pip install pysbd blingfire icu4py` brings the libraries that newsbeam does not need.
"""

import argparse
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from transforms.text.sentences import split_sentences

FOLDER = Path(__file__).parents[1] / "tests/text/sentences"
HALVES = {"development": (0,), "held-out": (1,), "both": (0, 1)}
UNSPACED = ("ja", "zh")

Split = Callable[[str, str], list[str]]


def paragraphs(path: Path, half: str) -> Iterator[list[str]]:
    """Yield the sentences of each paragraph of a half of the file."""
    blocks = path.read_text(encoding="utf-8").strip().split("\n\n")
    for number, block in enumerate(blocks):
        if number % 2 in HALVES[half]:
            yield block.splitlines()


def ends(sentences: list[str]) -> set[int]:
    """Return where sentences end but the last, in characters that are no space."""
    total, found = 0, set()
    for sentence in sentences:
        total += len("".join(sentence.split()))
        found.add(total)
    return found - {total}


def counts(path: Path, half: str, split: Split) -> tuple[int, int, int]:
    """Return how many ends are right, found and marked."""
    right = found = marked = 0
    for sentences in paragraphs(path, half):
        text = ("" if path.stem in UNSPACED else " ").join(sentences)
        wanted, got = ends(sentences), ends(split(text, path.stem))
        right, found, marked = right + len(wanted & got), found + len(got), marked + len(wanted)
    return right, found, marked


def f1(right: int, found: int, marked: int) -> float:
    """Return F1; 1 where there is nothing to be found and nothing was."""
    return 2 * right / (found + marked) if found + marked else 1.0


def scores(half: str, split: Split, languages: list[str] | None = None) -> dict[str, float]:
    """Return the F1 of `split` in each language."""
    files = sorted(FOLDER.glob("*.txt"))
    return {
        path.stem: f1(*counts(path, half, split))
        for path in files
        if not languages or path.stem in languages
    }


def ours(text: str, language: str) -> list[str]:
    """Split as newsbeam does."""
    return list(split_sentences(text, language))


def _sentencex() -> Split:
    segment = import_module("sentencex").segment
    return lambda text, language: list(segment(language, text))


def _pysbd() -> Split:
    pysbd = import_module("pysbd")
    known = import_module("pysbd.languages").LANGUAGE_CODES

    @cache
    def segmenter(language: str) -> Any:
        return pysbd.Segmenter(language=language if language in known else "en", clean=False)

    return lambda text, language: list(segmenter(language).segment(text))


def _blingfire() -> Split:
    split = import_module("blingfire").text_to_sentences
    return lambda text, _: split(text).split("\n")


def _icu() -> Split:
    breaker = import_module("icu4py.breakers").SentenceBreaker
    return lambda text, language: list(breaker(text, f"{language}@ss=standard"))


_PUNKT = {
    **{"en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian"},
    **{"nl": "dutch", "pl": "polish", "cs": "czech", "pt": "portuguese", "sv": "swedish"},
    **{"no": "norwegian", "da": "danish", "fi": "finnish", "ru": "russian", "tr": "turkish"},
    "el": "greek",
}


def _punkt() -> Split:
    tokenize = import_module("nltk.tokenize").sent_tokenize
    tokenize("One. Two.")  # raises LookupError where the data is not there
    return lambda text, language: list(tokenize(text, _PUNKT.get(language, "english")))


LIBRARIES: dict[str, Callable[[], Split]] = {
    "ours": lambda: ours,
    "sentencex": _sentencex,
    "pysbd": _pysbd,
    "ICU": _icu,
    "blingfire": _blingfire,
    "punkt": _punkt,
}


def installed() -> dict[str, Split]:
    """Return the splitters that are there; tell which are not."""
    found = {}
    for name, make in LIBRARIES.items():
        try:
            found[name] = make()
        except (ImportError, LookupError, AttributeError) as error:
            print(f"{name}: not installed ({type(error).__name__})")
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--half", choices=HALVES, default="both")
    parser.add_argument("languages", nargs="*")
    options = parser.parse_args()
    splitters = installed()
    table = {
        name: scores(options.half, split, options.languages) for name, split in splitters.items()
    }
    print(
        f"\nF1 of the ends of sentences, {options.half}\n     " + "".join(f"{n:>11}" for n in table)
    )
    for language in table["ours"]:
        row = "".join(f"{100 * found[language]:11.1f}" for found in table.values())
        print(f"{language:5}{row}")
    means = (sum(found.values()) / len(found) for found in table.values())
    print("mean " + "".join(f"{100 * mean:11.1f}" for mean in means))


if __name__ == "__main__":
    main()

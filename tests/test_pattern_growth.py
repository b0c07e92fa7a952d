"""Every pattern that meets text of others takes time in proportion to it, whatever the text.

The patterns are found by looking into the modules, and so are the ways in which they are used. For
each, texts are made that it begins to match again and again and then fails on: a sample of what
stands before a repetition, many samples of what is repeated, and something that does not fit.
"""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Iterable
from inspect import getsource, signature
from re import _constants as ops
from re import _parser as parser

import pytest
import regex
from growth import assert_linear

import transforms
from transforms.identity import link_key
from transforms.models.answer import own_words
from transforms.summarize import reading
from transforms.summarize.cues import cues_of

BOUNDED = "transforms.text.date_"
"""Modules of patterns for dates: `parse_date` reads no text longer than 150 characters."""
ROOMS = (transforms,)
METHODS = {"match", "fullmatch", "search", "sub", "split", "findall", "finditer", "subn"}
SMALL, LARGE = 1000, 10000
FEW_MS = 0.03
"""Seconds in which a text of `LARGE` is done; what takes longer may be `STEEP` times as slow."""
STEEP = 25
MANY = 20
"""Repetitions from which a pattern counts as unbounded."""
SPOILERS = ("\x00", "\n", "!", " ", "x", "-")
COMMON = (
    "A-",
    "a ",
    "A ",
    " ",
    "\n",
    "\\",
    "(",
    ".",
    "!",
    "-",
    "<",
    "&",
    "\ufffd",
    "“",
    "1",
    "_",
    "é",
    "A.",
    ", ",
)


def modules():
    for room in ROOMS:
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if not found.name.startswith(BOUNDED):
                yield importlib.import_module(found.name)


def patterns_in(value, position=None):
    """Yield the patterns that `value` is or holds, or that a function without arguments returns.

    With a `position`, of each item only the part there.
    """
    if isinstance(value, re.Pattern | regex.Pattern):
        yield value
    elif isinstance(value, tuple | list | frozenset | set):
        for item in value:
            yield from patterns_in(item if position is None else item[position])
    elif isinstance(value, dict):
        yield from patterns_in(list(value.values()))
    elif hasattr(value, "cache_info") and not signature(value).parameters:
        yield from patterns_in(value() if isinstance(value(), re.Pattern) else ())


def named(node):
    """Yield the names in an expression, and those of functions that it calls."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def uses(tree):
    """Yield the name of what holds patterns, the position in its items, and a method called on it.

    A method may be called on the name itself, on an item of it, on what a function of that name
    returns, or on the variable of a loop over it.
    """
    for scope in ast.walk(tree):
        if not isinstance(scope, ast.FunctionDef | ast.ClassDef | ast.Module):
            continue
        loops = [n for n in ast.walk(scope) if isinstance(n, ast.For | ast.comprehension)]
        places = {}
        for loop in loops:
            targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
            for at, target in enumerate(targets):
                position = at if len(targets) > 1 else None
                places.setdefault(getattr(target, "id", ""), []).append(
                    (named(loop.iter), position)
                )
        for method in ast.walk(scope):
            if isinstance(method, ast.Attribute) and method.attr in METHODS:
                holder = method.value
                holder = holder.func if isinstance(holder, ast.Call) else holder
                holder = holder.value if isinstance(holder, ast.Subscript) else holder
                if isinstance(holder, ast.Name):
                    yield holder.id, None, method.attr
                    for names, position in places.get(holder.id, ()):
                        yield from ((name, position, method.attr) for name in names)


CUT = {
    "formats.feeds.feed_entry._CUT_OFF": "it gets the last 200 characters",
    "formats.feeds.feed_trailer._TRAILER": "it gets the last `MAX_TRAILER` characters",
    "input_files._ANYTHING": "it matches whatever it gets",
    "text.offers._PRICED": "it gets the first characters of a paragraph",
    "text.tags._CODE": "it gets the text up to the last end that there is",
}
"""Patterns whose text is cut so that they are linear, and how."""


def used():
    """Yield each pattern with each method that a module uses it with, and where it stands.

    What is used nowhere by its name goes to a function that takes patterns: so it counts as used
    with each method that the module calls on what has another name.
    """
    for module in modules():
        place = module.__name__.removeprefix("transforms.")
        calls = set(uses(ast.parse(getsource(module))))
        known = set()
        for name, position, method in calls:
            for number, pattern in enumerate(patterns_in(vars(module).get(name), position)):
                known.add(id(pattern))
                yield pattern, method, f"{place}.{name}-{number}-{method}"
        methods = {method for name, _, method in calls if name not in vars(module)}
        for name, value in vars(module).items():
            for number, pattern in enumerate(patterns_in(value)):
                if id(pattern) not in known:
                    for method in methods:
                        yield pattern, method, f"{place}.{name}-{number}-{method}"


def cases():
    """Yield each pattern with each method that it is used with."""
    seen = set()
    for pattern, method, place in sorted(used(), key=lambda case: case[2]):
        if place.split("-")[0] not in CUT and (id(pattern), method) not in seen:
            seen.add((id(pattern), method))
            yield pytest.param(pattern, method, id=place)


def test_every_pattern_is_used():
    known = {id(pattern) for pattern, _, _ in used()}
    unused = [
        f"{module.__name__}.{name}"
        for module in modules()
        for name, value in vars(module).items()
        if f"{module.__name__.removeprefix('transforms.')}.{name}" not in CUT
        if any(id(pattern) not in known for pattern in patterns_in(value))
    ]
    assert not unused


def sample(items):
    """Return a text that a parsed pattern matches, as far as that is easy to say."""
    text = ""
    for op, value in items:
        if op in {ops.LITERAL, ops.NOT_LITERAL}:
            text += chr(value) if op is ops.LITERAL else "~"
        elif op is ops.ANY:
            text += "y"
        elif op is ops.IN:
            text += member(value)
        elif op is ops.BRANCH:
            text += sample(value[1][0])
        elif op is ops.SUBPATTERN:
            text += sample(value[3])
        elif op is ops.ATOMIC_GROUP:
            text += sample(value)
        elif op in {ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT}:
            text += sample(value[2]) * max(value[0], 1 if value[1] > MANY else 0)
    return text


CATEGORIES = {
    ops.CATEGORY_SPACE: " ",
    ops.CATEGORY_WORD: "w",
    ops.CATEGORY_DIGIT: "7",
    ops.CATEGORY_NOT_SPACE: "s",
    ops.CATEGORY_NOT_WORD: "-",
    ops.CATEGORY_NOT_DIGIT: "d",
}


def member(choices):
    """Return a member of a character class."""
    if choices[0][0] is ops.NEGATE:
        return next((c for c in "y-7 Z(." if not any(holds(i, c) for i in choices[1:])), "y")
    op, value = choices[0]
    if op is ops.LITERAL:
        return chr(value)
    return chr(value[0]) if op is ops.RANGE else CATEGORIES.get(value, "y")


def holds(item, character):
    op, value = item
    if op is ops.LITERAL:
        return chr(value) == character
    if op is ops.RANGE:
        return value[0] <= ord(character) <= value[1]
    probe = {
        ops.CATEGORY_SPACE: str.isspace,
        ops.CATEGORY_DIGIT: str.isdecimal,
        ops.CATEGORY_WORD: lambda c: c.isalnum() or c == "_",
        ops.CATEGORY_NOT_WORD: lambda c: not (c.isalnum() or c == "_"),
        ops.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
        ops.CATEGORY_NOT_DIGIT: lambda c: not c.isdecimal(),
    }.get(value)
    return bool(probe and probe(character))


def pumps(items, before=""):
    """Yield (what stands before a repetition, what it repeats) for each that is unbounded."""
    for at, (op, value) in enumerate(items):
        head = before + sample(items[:at])
        if op in {ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT}:
            if value[1] > MANY:
                yield head, sample(value[2]) or "y"
            yield from pumps(value[2], head)
        elif op is ops.SUBPATTERN:
            yield from pumps(value[3], head)
        elif op is ops.ATOMIC_GROUP:
            yield from pumps(value, head)
        elif op is ops.BRANCH:
            for branch in value[1][:30]:
                yield from pumps(branch, head)


def attacks(pattern):
    """Yield (head, pump, tail): a text is the head, as many pumps as it takes, and the tail."""
    found = {("", pump) for pump in COMMON}
    if isinstance(pattern, re.Pattern):
        found |= set(pumps(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)))
    for head, pump in sorted(found):
        for tail in SPOILERS if (head, pump) not in {("", p) for p in COMMON} else SPOILERS[:2]:
            yield head, pump, tail
        if head:
            yield "", head + pump, "\x00"


def seconds(pattern, method, text):
    nothing = pattern.pattern[:0]
    if isinstance(nothing, bytes):
        text = text.encode("utf-8")
    call = getattr(pattern, method)
    call = (lambda t: pattern.sub(nothing, t)) if method.startswith("sub") else call
    started = time.thread_time()
    found = call(text)
    if method in {"finditer", "findall", "split"} and isinstance(found, Iterable):
        for _ in found:
            pass
    return time.thread_time() - started


def steepness(pattern, method, attack):
    """Return how many times longer the large text takes than the small one, 0 if it is fast."""
    head, pump, tail = attack
    small, large = (head + pump * (size // len(pump)) + tail for size in (SMALL, LARGE))
    before = seconds(pattern, method, small)
    if before > FEW_MS:
        return float("inf")
    after = min(seconds(pattern, method, large) for _ in range(2))
    return after / max(before, 1e-5) if after > FEW_MS else 0


@pytest.mark.parametrize(("pattern", "method"), list(cases()))
def test_no_pattern_takes_more_than_linear_time(pattern, method):
    for attack in attacks(pattern):
        steep = steepness(pattern, method, attack)
        again = steepness(pattern, method, attack) if steep > STEEP else 0
        assert min(steep, again) <= STEEP, attack


LOOPS = {
    "quotations that nobody closes": (reading._quotations, '“ " ‘ « '),
    "quotations by the word": (lambda text: reading.read(text, cues_of("en")), '"a"'),
    "an address of twins": (lambda text: link_key(f"https://a.example/a{text}"), "/amp.amp"),
    "thoughts that never end": (own_words, "<think>y</thinking>"),
    "thoughts without end": (own_words, "<think>y</think>"),
}
"""What takes the place of patterns that took more, and what they took long for."""


@pytest.mark.parametrize("what", LOOPS)
def test_no_loop_takes_more_than_linear_time(what):
    work, pump = LOOPS[what]
    assert_linear(work, lambda size: pump * (size // len(pump)), LARGE, 10 * LARGE)


@pytest.mark.parametrize(
    ("pattern", "method"),
    [(r"\\+(?=x)", "sub"), (r"\s+x", "search")],
)
def test_it_can_fail(pattern, method):
    compiled = re.compile(pattern)
    assert max(steepness(compiled, method, attack) for attack in attacks(compiled)) > STEEP

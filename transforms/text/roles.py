"""What somebody who writes for a paper is called beside their name."""

import re

_ROLE = (
    r"(?:[\w'’&-]++ ){0,4}?(?i:reporter(?:in)?|writer|correspondent|journalist(?:in)?|columnist"
    r"|editor(?:[ -](?:at[ -]large|in[ -]chief))?|producer|redakteur(?:in)?|korrespondent(?:in)?"
    r"|journaliste|correspondante?|rédact(?:eur|rice)|periodista|redactora?|corresponsal"
    r"|giornalista|inviat[oa]|jornalista|repórter|redacteur|verslaggever|dziennikarka|dziennikarz"
    r"|muhabiri)"
)
"""A role, in up to five words: "chief political correspondent"."""

OF_PAPERS = (
    "staff|writers?|reporters?|correspondents?|editors?|journalists?|columnists?"
    "|news|times|post|press|reuters|bureau|service|desk"
)
"""Pattern of the words that say, behind a name, that somebody writes, or for which paper."""

_LINE = re.compile(rf"{_ROLE}(?:(?:,| (?i:in|for|at|für|à|en|bei|chez|van)) [\w'’&. -]{{2,40}})?")
_LONGEST = 60


def is_role(line: str) -> bool:
    """Return whether a line says somebody's role, and perhaps where or for whom, and nothing else.

    >>> is_role("Editor"), is_role("Korrespondentin in Rom"), is_role("An editor left.")
    (True, True, False)
    """
    return len(line) <= _LONGEST and _LINE.fullmatch(line) is not None

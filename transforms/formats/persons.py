"""The name of a person in what stands for one: with an address, in brackets, in markup."""

import re

MAX_AUTHOR = 1000
"""Most characters of an author that are read."""

_AT = re.compile(r"\s?[(\[]at[)\]]\s?", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_ADDRESS_PART = re.compile(r"[^\s<>(),;\"]+")
_NOTHING_IN_IT = re.compile(r"\(\s*\)|<\s*>|\"\s*\"|\[\s*\]")


def person_name(text: str) -> str:
    """Return the name in a feed's author, whatever stands around it, empty if there is none.

    RSS wants "address (name)"; feeds write it in every other way too.

    >>> person_name("jane@news.example (Jane Doe)"), person_name("Jane Doe <jane@news.photos>")
    ('Jane Doe', 'Jane Doe')
    """
    text = text[:MAX_AUTHOR]
    text = _ANY_TAG.sub(" ", text) if "</" in text else text
    words = _ADDRESS_PART.sub(lambda m: "" if "@" in m[0] else m[0], _AT.sub("@", text))
    name = _NOTHING_IN_IT.sub(" ", words).strip(" ,;:")
    if name.startswith("(") and name.endswith(")"):
        name = name[1:-1]
    return " ".join(name.split()).strip(' ,;:"')

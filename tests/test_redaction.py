"""Secrets in addresses, well-formed or not, within any text."""

import pickle

import pytest

from transforms.redaction import Address, redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:secret@a.example/feed", "https://***@a.example/feed"),
        ("https://me@a.example/", "https://***@a.example/"),
        ("https://me:sec@ret@a.example/", "https://***@a.example/"),
        ("https://me:sec/ret@a.example/", "https://***@a.example/"),
        ("https://me:sec?r#et@a.example/x", "https://***@a.example/x"),
        ("https:/me:secret@a.example/x", "https:/***@a.example/x"),
        ("//me:secret@a.example/x", "//***@a.example/x"),
        ("me:secret@a.example/x", "me:***@a.example/x"),
        ("ftp+x://me:secret@[::1]:80/x", "ftp+x://***@[::1]:80/x"),
        ("'https://me:secret@a.example' is no URL", "'https://***@a.example' is no URL"),
        ("(see https://me:secret@a and https://you:secret@b)", "(see https://***@a and https://***@b)"),
        # What is no secret stays.
        ("https://social.example/@user.rss", "https://social.example/@user.rss"),
        ("https://a.example:8080/@user?q=a@b", "https://a.example:8080/@user?q=a@b"),
        ("https://a.example/?keyword=key&monkey=1&page=2", "https://a.example/?keyword=key&monkey=1&page=2"),
        ("write to a@b.example", "write to a@b.example"),
        ("at 12:30 = noon", "at 12:30 = noon"),
    ],
)  # fmt: skip
def test_credentials(text, shown):
    assert redacted(text) == shown
    assert redacted(shown) == shown


@pytest.mark.parametrize(
    "name",
    ["key", "api_key", "apikey", "API-Key", "x-api-key", "token", "access_token", "AccessToken",
     "auth", "signature", "sig", "password", "pwd", "client_secret", "feed_token", "user.token"],
)  # fmt: skip
def test_keys_in_a_query_are_a_part_of_their_hash(name):
    first, second = (redacted(f"https://a.example/f?x=1&{name}={key}&y=2") for key in "ab")
    assert first.startswith(f"https://a.example/f?x=1&{name}=~")
    assert first.endswith("&y=2")
    assert first != second
    assert redacted(first) == first


def test_an_address_shows_itself_redacted():
    address = Address("https://me:secret@a.example/f")
    for shown in (str(address), repr(address), f"{address}", str([address])):
        assert "https://***@a.example/f" in shown
    assert pickle.loads(pickle.dumps(address)) == address  # noqa: S301 (our own)
    assert address.get_secret_value() == "https://me:secret@a.example/f"

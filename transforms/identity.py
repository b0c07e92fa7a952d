"""What makes two inputs the same article.

An id that is too wide hides one article behind another and loses it; one that is too narrow only
writes an article twice, which `dedupe` finds. So whatever could differ between two articles stays
in the key: unknown query parameters, the path as written, the file of a record's own id.
"""

import hashlib
import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

_TRACKING = re.compile(
    r"(utm|mtm|pk|hsa|oly|vero|itm|mkt|wt|ns|at|ito|guce)_\w+|mc_[ce]id|_g[al]|_hs(enc|mi)"
    r"|(g|fb|dc|y|tw|ms|ttc)lid|(g|fb|dc|msclk|tw)clid|msclkid|[gw]braid|igshid|srsltid|gad_source"
    r"|ref|ref_(src|url)|referrer|xtor|cmp|cmpid|ocid|[ni]cid|smid|smtyp|sref|ftag|taid|mbid"
    r"|source|traffic_source|guccounter|__twitter_impression|amp",
    re.IGNORECASE,
)
"""Query parameters that say how a reader came, not what is read (union of common clean-up lists).
courlan's own list also takes `cid`, `uid` and `eid`, which name the article on some sites."""

_TWIN_HOST = re.compile(r"^(?:(?:www\d?|m|mobile|amp)\.)+(?=[^.]+\.)")
_HOME = re.compile(
    r"/*+(?:[a-z]{2}(?:[-_][a-z]{2})?/*+)?(?:(?:index|default|home)\.(?:s?html?|php|aspx?|jsp))?/*+",
    re.IGNORECASE,
)
"""The path of a home page, that of one language included."""

_TWIN_PATH = re.compile(
    r"^/amp(?=/.)|(?<=[^/])/amp/?$|\.amp(?=(?:\.html?)?/?$)|(?<!/)/+$", re.IGNORECASE
)
_TWIN_ROUNDS = 8
"""Times that a path is looked at for them, as one may stand behind another: more than ever do."""
_TWIN_QUERY = re.compile(r"(?:^|&)(?:outputType=amp|amp=[^&]*|mobile=1|view=amp)(?=&|$)")

_TOPIC = re.compile(r"(kafka://[^/]+|pubsub://[^/]+/[^/]+)/")

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def canonical_url(url: str) -> str | None:
    """Return the one spelling of `url`, or `None` if it is no absolute http(s) address.

    Scheme and host are lower-cased, the default port, fragment and tracking parameters go, other
    parameters are sorted; the path is kept as written. Idempotent.

    courlan's `clean_url` is not used because it drops parameters without a value, and addresses
    embedded in the path, so that different articles would share one address.

    >>> canonical_url("HTTPS://News.example:443/a//b?utm_source=x&id=7#top")
    'https://news.example/a//b?id=7'
    """
    try:
        # Half a surrogate pair has no place in an address.
        parts = urlsplit(url.encode("utf-8", "replace").decode().strip())
        host = (parts.netloc.rpartition("@")[2]).lower()
        _ = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname or "." not in parts.hostname.strip("."):
        return None
    host = host.removesuffix(_DEFAULT_PORTS[scheme]).removesuffix(":")
    path = quote(parts.path or "/", safe="/%!$&'()*+,;=:@~-._")
    return urlunsplit((scheme, host, path, _clean_query(parts.query), ""))


def _clean_query(query: str) -> str:
    if "=" not in query:
        return quote(query, safe="/%!$&'()*+,;=:@~-._?")
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode(sorted(pair for pair in pairs if not _TRACKING.fullmatch(pair[0])))


def names_an_article(url: str) -> bool:
    """Return whether a canonical URL can name one article: a home page names none.

    >>> names_an_article("https://news.example/"), names_an_article("https://news.example/?p=7")
    (False, True)
    >>> names_an_article("https://news.example/index.html"), names_an_article("https://n.example/fr/")
    (False, False)
    """
    parts = urlsplit(url)
    return bool(parts.query) or not _HOME.fullmatch(parts.path)


def link_key(url: str) -> str | None:
    """Return the one spelling of the addresses of one page, `None` if it names no article.

    Beyond `canonical_url`: neither scheme, nor mobile or AMP twin, nor a slash at the end.

    >>> link_key("http://m.news.example/a/b/amp/?utm_source=x")
    'news.example/a/b'
    """
    address = canonical_url(url)
    if address is None or not names_an_article(address):
        return None
    parts = urlsplit(address)
    path = parts.path
    for _ in range(_TWIN_ROUNDS):
        path = _TWIN_PATH.sub("", path)
    query = _TWIN_QUERY.sub("", parts.query).strip("&")
    if not path and not query:
        return None
    return _TWIN_HOST.sub("", parts.netloc) + (path or "/") + (f"?{query}" if query else "")


def topic_of(uri: str) -> str | None:
    """Return the topic or subscription that a message came from, `None` where `uri` names a file.

    >>> topic_of("kafka://news/3/1042"), topic_of("/in/a.jsonl")
    ('kafka://news', None)
    """
    match = _TOPIC.match(uri)
    return match[1] if match else None


def article_id(  # noqa: PLR0913 (every part of an identity)
    *,
    uri: str,
    whole_file: bool,
    id_scope: str,
    url: str | None = None,
    source_id: str | None = None,
    source: str | None = None,
    title: str = "",
    text: str = "",
) -> str:
    """Return the id of an article, 32 hex digits that are the same whenever it is read again.

    The key is the first of these that is known:

    1. the page's address, see `link_key`;
    2. the id that it states itself, unique within `id_scope` and its source;
    3. for a whole file, its uri: the name alone may recur in another folder;
    4. a record's title and text: its line moves when the file grows.

    A topic of messages is file and folder in one: which partition a message is in is chance.

    Args:
        uri: where it was read.
        whole_file: whether the file holds this article alone.
        id_scope: how far `source_id` is unique: `file`, `folder` or `global`.
        url: canonical URL, see `canonical_url`.
        source_id: the id that the record or document states, not a file's name.
        source: the record's publisher: ids of two publishers in one file do not meet.
        title: the record's title.
        text: the record's text.
    """
    if url and (link := link_key(url)):
        key: tuple[str, ...] = ("url", link)
    elif source_id:
        topic = topic_of(uri)
        file, folder = topic or uri, topic or uri.rpartition("/")[0]
        scope = {"file": file, "folder": folder, "global": ""}[id_scope]
        key = ("record", scope, source or "", source_id)
    elif whole_file:
        key = ("file", uri)
    else:
        key = ("text", title, text)
    return hashlib.sha256("\0".join(key).encode("utf-8", "surrogatepass")).hexdigest()[:32]

"""Settings of fetching, plain values."""

from dataclasses import dataclass

AGENT = "newsbeam"
"""The name that robots.txt and X-Robots-Tag know this program by."""


@dataclass(frozen=True)
class FetchSettings:
    """How requests are made.

    Attributes:
        version: ends up in the User-Agent.
        contact: address of a page or mailbox where a site's owner reaches the operator.
        connect_seconds: time to find, connect to and greet a host.
        silence_seconds: longest pause of a server while it answers.
        total_seconds: time for the answer to one address, those of its redirects included.
        host_seconds: that one host may take to answer, and between two requests if it asks for more
            than `host_delay_seconds`; then the same `Fetcher` starts no more requests to it.
        pass_seconds: time after which a `Fetcher` starts no request at all.
        max_bytes: largest answer, both as sent and decompressed.
        max_redirects: redirects followed for one URL.
        concurrency: requests under way at once.
        per_host: of those, to one host.
        host_delay_seconds: least time between the starts of two requests to one host.
        robots: whether robots.txt is asked before a page is fetched; feeds are fetched without,
            since they are published to be fetched by programs.
        respect: signals of `rights` that make a page be refused.
        allowed_hosts: `host` or `host:port` that may have an address which is not public.
        ca_file: certificate authorities to believe besides the system's.
    """

    version: str = "0"
    contact: str = ""
    connect_seconds: float = 10
    silence_seconds: float = 20
    total_seconds: float = 60
    host_seconds: float = 120
    pass_seconds: float = 900
    max_bytes: int = 15 << 20
    max_redirects: int = 10
    concurrency: int = 16
    per_host: int = 2
    host_delay_seconds: float = 0.5
    robots: bool = True
    respect: tuple[str, ...] = ("noai", "tdm_reserved")
    allowed_hosts: tuple[str, ...] = ()
    ca_file: str | None = None

    @property
    def user_agent(self) -> str:
        """The User-Agent header.

        >>> FetchSettings("1.2", "https://example.org/bot").user_agent
        'newsbeam/1.2 (+https://example.org/bot)'
        """
        contact = f" (+{self.contact})" if self.contact else ""
        return f"{AGENT}/{self.version}{contact}"

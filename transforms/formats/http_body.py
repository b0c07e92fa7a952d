"""Bodies as HTTP and mail transfer them: encodings undone within a limit, and their charset."""

import io

from warcio.bufferedreaders import ChunkedDataReader  # type: ignore[import-untyped]

from transforms.compression import KNOWN_CODINGS, Fault, codings_of, decompress
from transforms.formats.encoding import decode


def http_body(body: bytes, transfer: str, content: str, limit: int) -> tuple[bytes, bool]:
    """Return a response's body without its transfer and content encodings, and whether it is whole.

    A body that is not encoded as its header says, as archives often store it, is left as it is.

    Args:
        body: as transferred.
        transfer: value of `Transfer-Encoding`.
        content: value of `Content-Encoding`.
        limit: decoding stops as soon as the result is larger.

    Raises:
        CompressionError: too many content encodings.
    """
    if "chunked" in transfer.lower():
        body = ChunkedDataReader(io.BytesIO(body)).read()
    complete = True
    for name in codings_of(content):
        if name in KNOWN_CODINGS:
            found, fault, _ = decompress(body, name, limit)
            if found or fault is None:
                body = found
                complete = complete and fault in (None, Fault.TOO_LARGE)
    return body, complete


def charset_text(body: bytes, charset: str) -> str:
    r"""Return `body` as text, read with the charset that its header states where that fits.

    A header outranks the document's own declaration, and a byte order mark both (WHATWG); what is
    valid UTF-8 is UTF-8.

    >>> charset_text(b"\xcf\xf0\xe8", '"Windows-1251"; format=flowed')
    'При'
    """
    return decode(body, stated=charset.partition(";")[0].strip("\"' "), declared=True)

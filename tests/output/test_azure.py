"""An output in Azure's store, by its emulator (Azurite)."""

import base64
import contextlib
import hashlib
import hmac
import shutil
import uuid
from datetime import UTC, date, datetime
from email.utils import formatdate
from http.client import HTTPConnection

import pytest
from builders import make_published
from services import answering

from pipeline.upkeep.compact import compact
from pipeline.upkeep.forget import forget, names_of
from pipeline.upkeep.session import upkeep
from pipeline.upkeep.verify import verify_output
from transforms.output import publish, stores
from transforms.output.file_columns import read_columns
from transforms.output.listing import day_files
from transforms.output.publish import publish_partition
from transforms.output.schema import article_row
from transforms.output.storage import join
from transforms.output.store_client import ChangedError, StoreError
from transforms.records import Partition

AZURITE = shutil.which("azurite-blob")
ACCOUNT = "devstoreaccount1"
KEY = base64.b64encode(b"of the emulator in this test").decode()

pytestmark = pytest.mark.skipif(
    AZURITE is None, reason="there is no azurite-blob here: npm install -g azurite"
)


@pytest.fixture(scope="module")
def server():
    def azurite(port):
        return [
            *(AZURITE, "--blobHost", "127.0.0.1", "--blobPort", str(port), "--silent"),
            *("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"),
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AZURITE_ACCOUNTS", f"{ACCOUNT}:{KEY}")
        with answering(azurite) as (address, _):
            yield address


@pytest.fixture
def output(server, monkeypatch):
    """Return the address of an output in a container of its own."""
    name = f"news-{uuid.uuid4().hex}"
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
    named = "".join(f"{header}:{value}\n" for header, value in headers.items())
    resource = f"/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container"
    signed = "PUT" + "\n" * 12 + named + resource
    digest = hmac.new(base64.b64decode(KEY), signed.encode(), hashlib.sha256).digest()
    headers["Authorization"] = f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"
    headers["Content-Length"] = "0"
    with contextlib.closing(HTTPConnection(server)) as connection:
        connection.request("PUT", f"/{ACCOUNT}/{name}?restype=container", headers=headers)
        assert connection.getresponse().status == 201
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", f"http://{server}/{ACCOUNT}")
    return f"az://{name}/out"


def test_a_put_holds_only_under_its_condition(output):
    path = f"{output}/a"
    first = stores.put(path, b"1", expected="")
    with pytest.raises(ChangedError, match=f"{path}: BlobAlreadyExists"):
        stores.put(path, b"2", expected="")
    second = stores.put(path, b"2", expected=first)
    with pytest.raises(ChangedError, match=f"{path}: ConditionNotMet"):
        stores.put(path, b"3", expected=first)
    assert stores.read(path) == (b"2", second)
    stores.delete(path)
    stores.delete(path)
    assert stores.read(path) is None


def test_a_listing_shows_the_tag_by_which_an_object_is_read(output):
    path = f"{output}/a"
    stores.put(path, b"123")
    [listed] = stores.listing(f"{output}/")
    assert listed == stores.look(path)
    assert stores.read_range(path, 1, 3, listed.tag) == b"23"
    stores.put(path, b"456")
    with pytest.raises(FileNotFoundError):
        stores.read_range(path, 1, 3, listed.tag)


def test_what_it_refuses_is_said(output, monkeypatch):
    gone = output.replace("news-", "none-")
    with pytest.raises(StoreError, match=r"ContainerNotFound: .*Correct the address"):
        stores.put(f"{gone}/a", b"1")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", base64.b64encode(b"another").decode())
    with pytest.raises(StoreError, match=r"the role Storage Blob Data Contributor; what is"):
        stores.put(f"{output}/a", b"1")


def test_rows_are_published_compacted_and_forgotten(output, monkeypatch):
    at = datetime(2026, 10, 1, tzinfo=UTC)
    rows = [article_row(make_published(number, published_at=at), "run") for number in range(6)]
    monkeypatch.setattr(publish, "FILE_ROWS", 2)
    with upkeep(output, "test") as done:
        for first in range(0, 6, 2):
            these = rows[first : first + 2]
            done.paths |= publish_partition(output, Partition("2026-10-01", 0), these).paths
    assert len(day_files(output)) == 3
    monkeypatch.setattr(publish, "FILE_ROWS", 1500)
    with upkeep(output, "compact") as done:
        list(compact(output, date(2026, 12, 1), 2**30, done))
    [file] = day_files(output)
    with upkeep(output, "forget") as done:
        forget(output, names_of([], [rows[0]["url"]]), done)
    found = read_columns(join(output, file.path), ["id"])["id"].to_pylist()
    assert sorted(found) == sorted(row["id"] for row in rows[1:])
    assert not verify_output(output).problems

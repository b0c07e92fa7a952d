"""Object stores: what a put promises, what is fetched, and what is said where a store refuses.

S3 by moto, Google's by a server of ours (`google_store`), Azure's by Azurite where that is.
"""

import base64
import contextlib
import errno
import hashlib
import hmac
import io
import json
import shutil
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from email.utils import formatdate
from http.client import HTTPConnection

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from builders import make_published
from google_store import RefusedError, google_store
from obstore.exceptions import GenericError
from services import answering

from pipeline.lock.lock import OutputLockedError, output_lock
from pipeline.upkeep.compact import compact
from pipeline.upkeep.forget import forget, names_of
from pipeline.upkeep.session import upkeep
from pipeline.upkeep.verify import verify_output
from transforms.output import publish, store_client, stores
from transforms.output.file_columns import open_file, read_columns
from transforms.output.listing import day_files
from transforms.output.publish import publish_partition
from transforms.output.schema import article_row
from transforms.output.storage import join, list_files, list_states, open_binary
from transforms.output.store_client import ChangedError, StoreError
from transforms.records import Partition

AZURITE = shutil.which("azurite-blob")
ACCOUNT = "devstoreaccount1"
KEY = base64.b64encode(b"of the emulator in this test").decode()
NO_AZURITE = pytest.mark.skipif(
    AZURITE is None, reason="there is no azurite-blob here: npm install -g azurite"
)
STORES = ("s3", "gs", pytest.param("az", marks=NO_AZURITE))


@pytest.fixture(scope="module")
def google():
    with google_store() as store:
        yield store


@pytest.fixture
def google_output(google, monkeypatch):
    """Return the address of an output in a bucket of its own."""
    key = {"gcs_base_url": google.address, "disable_oauth": True}
    key |= {"client_email": "", "private_key": "", "private_key_id": ""}
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT_KEY", json.dumps(key))
    monkeypatch.setenv("GOOGLE_BASE_URL", google.address)
    return f"gs://news-{uuid.uuid4().hex}/out"


@pytest.fixture(scope="module")
def azure():
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
def azure_output(azure, monkeypatch):
    """Return the address of an output in a container of its own."""
    name = f"news-{uuid.uuid4().hex}"
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
    named = "".join(f"{header}:{value}\n" for header, value in headers.items())
    resource = f"/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container"
    signed = "PUT" + "\n" * 12 + named + resource
    digest = hmac.new(base64.b64decode(KEY), signed.encode(), hashlib.sha256).digest()
    headers["Authorization"] = f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"
    headers["Content-Length"] = "0"
    with contextlib.closing(HTTPConnection(azure)) as connection:
        connection.request("PUT", f"/{ACCOUNT}/{name}?restype=container", headers=headers)
        assert connection.getresponse().status == 201
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", f"http://{azure}/{ACCOUNT}")
    return f"az://{name}/out"


@pytest.fixture(params=STORES)
def output(request):
    """Return the address of an output in each kind of store."""
    kinds = {"s3": "bucket", "gs": "google_output", "az": "azure_output"}
    return request.getfixturevalue(kinds[request.param])


def test_a_put_holds_only_under_its_condition(output):
    path = f"{output}/a"
    first = stores.put(path, b"1", expected="")
    with pytest.raises(ChangedError, match=f"^.*{path}: "):
        stores.put(path, b"2", expected="")
    second = stores.put(path, b"2", expected=first)
    with pytest.raises(ChangedError):
        stores.put(path, b"3", expected=first)
    assert stores.read(path) == (b"2", second)
    stores.put(path, b"4")
    assert stores.read(path)[0] == b"4"
    stores.delete(path)
    stores.delete(path)
    assert stores.read(path) is None
    assert stores.look(path) is None


def test_of_many_that_replace_one_object_one_wins(output):
    path = f"{output}/a"
    version = stores.put(path, b"0", expected="")
    barrier = threading.Barrier(8)

    def replace(number):
        barrier.wait()
        try:
            return bool(stores.put(path, b"%d" % number, expected=version))
        except ChangedError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(replace, range(1, 9))) == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_a_put_whose_answer_was_lost(output, monkeypatch, arrived):
    path = f"{output}/a"
    version = stores.put(path, b"0", expected="")
    real = stores.obstore.put

    def lost(*args, **kwargs):
        if arrived:
            real(*args, **kwargs)
        raise GenericError("the connection was closed")

    monkeypatch.setattr(stores.obstore, "put", lost)
    if arrived:
        assert stores.put(path, b"1", expected=version) == stores.read(path)[1]
    else:
        with pytest.raises(OSError, match="the connection was closed") as failed:
            stores.put(path, b"1", expected=version)
        assert failed.value.errno == errno.EIO


def test_listing_passes_over_what_does_not_match(output):
    names = ["date=2026-10-01/part-00.parquet", "date=2026-10-02/part-00.parquet"]
    for name in (
        *names,
        "date=2026-10-01/_x",
        "_runs/a.json",
        "date=2026-10-01/deep/part-1.parquet",
    ):
        stores.put(f"{output}/{name}", b"12")
    found = list_states(f"{output}/date=*/part-*.parquet")
    assert list(found) == [f"{output}/{name}" for name in names]
    assert {state.size for state in found.values()} == {2}
    assert list_files(f"{output}/date=2026-10-01/part-*.parquet") == [f"{output}/{names[0]}"]
    assert len(list_files(f"{output}/**")) == 5
    assert list_files(f"{output}/none/*") == []


def test_only_what_is_asked_for_is_fetched(output, monkeypatch):
    content = io.BytesIO()
    texts = [f"{number:06d}" * 100 for number in range(20_000)]
    pq.write_table(
        pa.table({"id": range(20_000), "text": texts}),
        content,
        compression=None,
        use_dictionary=False,
    )
    path = f"{output}/a.parquet"
    stores.put(path, content.getvalue())
    fetched = []
    real = stores.read_range

    def read_range(path, start, end, tag):
        fetched.append(end - start)
        return real(path, start, end, tag)

    monkeypatch.setattr(stores, "read_range", read_range)
    with open_file(path) as file:
        assert file.read(columns=["id"])["id"].to_pylist() == list(range(20_000))
    assert sum(fetched) < len(content.getvalue()) / 4
    assert len(fetched) <= 3
    with open_file(path) as file:
        assert file.read()["text"].to_pylist() == texts
    with open_binary(path) as file:
        assert file.read() == content.getvalue()


def test_a_file_that_is_replaced_while_it_is_read_is_gone(output):
    path = f"{output}/a"
    stores.put(path, b"1" * (3 << 20))
    with open_binary(path) as file:
        file.read(10)
        stores.put(path, b"2" * (3 << 20))
        with pytest.raises(FileNotFoundError, match="replaced while it was read"):
            file.read()
    with pytest.raises(FileNotFoundError):
        open_binary(f"{output}/b")


def test_a_listing_shows_the_tag_by_which_an_object_is_read(output):
    path = f"{output}/a"
    stores.put(path, b"123")
    [listed] = stores.listing(f"{output}/")
    assert listed == stores.look(path)
    assert stores.read_range(path, 1, 3, listed.tag) == b"23"
    stores.put(path, b"456")
    with pytest.raises(FileNotFoundError):
        stores.read_range(path, 1, 3, listed.tag)


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


def test_what_a_store_refuses_is_said_in_one_line(output):
    kind = output.partition("://")[0]
    nowhere = f"{kind}://no-such-bucket/out/a"
    said = {"az": "ContainerNotFound"}.get(kind, "NoSuchBucket")
    for ask in (stores.read, stores.listing, lambda path: stores.put(path, b"")):
        with pytest.raises(StoreError, match=f"^{nowhere} cannot be .*: {said}: ") as failed:
            ask(nowhere)
        assert failed.value.errno == errno.ENOENT
        assert "Correct the address, or create the bucket" in str(failed.value)


def test_an_output_has_one_writer(output):
    for number in (1, 2):
        with output_lock(output, "run", "R1") as held:
            assert held.number == number
            with pytest.raises(OutputLockedError, match="R1"), output_lock(output, "run"):
                pass


@NO_AZURITE
def test_a_wrong_key_of_azure_names_the_right_role(azure_output, monkeypatch):
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", base64.b64encode(b"another").decode())
    with pytest.raises(StoreError, match=r"the role Storage Blob Data Contributor; what is"):
        stores.put(f"{azure_output}/a", b"1")


GOOGLE_REFUSES = {
    "rights": (RefusedError(403, "AccessDenied", "Access denied."), r"storage\.objects\.list, get"),
    "credentials": (
        RefusedError(401, "AuthenticationRequired", "Who?"),
        "credentials that are valid",
    ),
    "clock": (
        RefusedError(403, "RequestTimeTooSkewed", "Too large."),
        "Set the clock of this machine",
    ),
}


@pytest.mark.parametrize("what", GOOGLE_REFUSES)
def test_what_google_refuses_is_said_with_what_to_do(google, google_output, what):
    refusal, fix = GOOGLE_REFUSES[what]
    google.refusals.append(refusal)
    with pytest.raises(StoreError, match=fix):
        stores.put(f"{google_output}/a", b"1", expected="")
    assert stores.read(f"{google_output}/a") is None


def test_google_is_asked_again_where_it_is_busy(google, google_output):
    google.refusals.append(RefusedError(503, "SlowDown", "Please try again later."))
    stores.put(f"{google_output}/a", b"1", expected="")
    assert stores.read(f"{google_output}/a")[0] == b"1"
    assert not google.refusals


def test_other_credentials_are_other_clients(bucket, monkeypatch):
    stores.put(f"{bucket}/a", b"1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(store_client, "_RETRIES", {"max_retries": 0})
    with pytest.raises(OSError, match=r"127\.0\.0\.1:9") as failed:
        stores.read(f"{bucket}/a")
    assert not isinstance(failed.value, FileNotFoundError)

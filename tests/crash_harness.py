"""Run newsbeam again and again in forked children, each killed (SIGKILL) at another moment.

    python crash_harness.py REFERENCE OUTPUT KILLS INPUT ...

The model is loaded once, before the forks, in one thread: that much survives a fork. A child is
killed right before or after it flushes or renames a file, at moments spread evenly over a whole
run; after each kill a run goes undisturbed. Prints a JSON line per kill: the moment, and whether
the output then equals REFERENCE.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pyarrow.dataset as ds
import torch

from pipeline.config import load_config
from pipeline.progress import Progress
from pipeline.run import run
from transforms import storage
from transforms.encoder import load_encoder
from transforms.models import EMBEDDED

PER_RUN = {"ingested_at", "run_id"}


def rows(output):
    """Return what a reader sees, without the columns that name the run."""
    files = sorted(str(path) for path in Path(output).glob("date=*/*.parquet"))
    table = ds.dataset(files, format="parquet").to_table()
    names = [name for name in table.column_names if name not in PER_RUN]
    return sorted(table.select(names).to_pylist(), key=lambda row: row["id"])


def rejected(output):
    lines = [
        json.loads(line)
        for path in Path(output).glob("_rejected/*/*.jsonl")
        for line in path.read_text().splitlines()
    ]
    return sorted((line["id"], line["step"], line["reason"]) for line in lines)


def strays(output):
    return [str(path) for path in Path(output).rglob(".*.tmp")]


class Moments:
    """Counts the moments at which a file's state changes; kills this process at the chosen one."""

    def __init__(self, fatal=None):
        self.count = 0
        self.fatal = fatal

    def pass_one(self):
        if self.count == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1

    def wrap(self, function):
        def wrapped(*arguments, **keywords):
            self.pass_one()
            result = function(*arguments, **keywords)
            self.pass_one()
            return result

        return wrapped


def child(sources, output, moments):
    """Fork; run newsbeam in the child; return how the child ended."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        torch.set_num_threads(1)  # torch makes its pool anew, before two threads ask for it at once
        storage.os.fsync = moments.wrap(os.fsync)
        Path.replace = moments.wrap(Path.replace)
        settings = {"input.paths": sources, "output.path": output, "run.batch_documents": 25}
        try:
            run(load_config(None, settings), [], Progress())
            os.write(writer, str(moments.count).encode())
            os._exit(0)
        except BaseException as error:
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        count = pipe.read()
    status = os.waitpid(pid, 0)[1]
    return status, int(count or 0)


def main():
    reference, output, kills, sources = *sys.argv[1:3], int(sys.argv[3]), sys.argv[4:]
    torch.set_num_threads(1)
    load_encoder(EMBEDDED).encode(["Loaded before the forks."])
    status, moments = child(sources, reference, Moments())
    if status:
        sys.exit("the undisturbed run failed")
    expected = rows(reference), rejected(reference)
    for number in range(kills):
        shutil.rmtree(output, ignore_errors=True)
        fatal = number * moments // kills
        status, _ = child(sources, output, Moments(fatal))
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        status, _ = child(sources, output, Moments())
        equal = status == 0 and (rows(output), rejected(output)) == expected
        result = {"moment": fatal, "killed": killed, "equal": equal, "strays": strays(output)}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()

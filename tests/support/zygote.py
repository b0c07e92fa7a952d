"""A process that has imported the command and forks for each use of it: imports take seconds.

Reads a JSON object per line (arguments, cwd, env, out, err) and prints the exit code of each. It
only imports: torch's threads do not survive a fork.
"""

import json
import os
import sys
import traceback

import transforms.models.encoder  # with torch and transformers
from pipeline import run
from pipeline.cli import main

IMPORTED = (run, transforms.models.encoder)


def child(job):
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["env"])
    for number, path in ((0, os.devnull), (1, job["out"]), (2, job["err"])):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
    sys.argv = ["newsbeam", *job["arguments"]]
    sys.stdin = open(0)  # noqa: SIM115 (as long as the process lives)
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def serve():
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            child(json.loads(line))
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve()

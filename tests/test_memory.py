"""What the process does so that it does not grow."""

import subprocess
import sys


def test_arrow_allocates_with_the_c_library():
    code = "import pipeline.run, pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "system\n"

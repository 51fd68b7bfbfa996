"""Lock files: the version and the hashes of every package, of all platforms and Python versions. ``python -m tests.lock`` writes them.

It asks the package index, by ``uv pip compile`` (``python -m pip install uv``). What ``requirements.txt`` pins stays; what those packages
need in turn is resolved anew.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = {"requirements.txt": "requirements.lock", "tests/requirements.txt": "tests/requirements.lock"}
HEADER = """\
# Made by `python -m tests.lock`: every package with the hashes of its files, of all platforms, Python 3.11 and later.
# `python -m pip install --require-hashes -r {name}` installs these files and no others.
"""


def main() -> int:
    """0 where all lock files were written."""
    for wanted, lock in LOCKS.items():
        options = ["--universal", "--generate-hashes", "--python-version", "3.11", "--no-header", "--no-annotate", "--quiet"]
        command = [sys.executable, "-m", "uv", "pip", "compile", *options, wanted]
        made = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        if made.returncode:
            return made.returncode
        (ROOT / lock).write_text(HEADER.format(name=lock) + made.stdout, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

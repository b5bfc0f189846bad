"""The command line: verbs that ask the use cases in `rulescope.api` and print what they give."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Runs the command line on `sys.argv` and exits: 0 done, 1 something asked for failed, 2 wrong usage."""
    # What starting up makes stays: looking through it for garbage again and again would cost a tenth of a short search.
    gc.set_threshold(100_000)
    from rulescope.cli.app import run

    try:
        status = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough (`| head`); Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status)

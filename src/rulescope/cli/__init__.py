"""The command line: verbs that ask the use cases in `rulescope.api` and print what they give."""

from __future__ import annotations

import gc
import os
import signal
import sys


def main() -> None:
    """Runs the command line on `sys.argv` and exits: 0 done, 1 something asked for failed, 2 wrong usage, 128 and the
    number of a signal that ended it."""
    from rulescope.cli.supervision import supervised

    sys.exit(supervised(_work, _worth_again))


def _work() -> int:
    # What starting up makes stays: looking through it for garbage again and again would cost a tenth of a short search.
    gc.set_threshold(100_000)
    from rulescope.cli.app import run

    try:
        status = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough (`| head`); Python must not complain about it at exit.
        _give_up_output()
        status = 0
    except OSError as error:
        from rulescope.cli.errors import report
        from rulescope.cli.failures import as_known

        _give_up_output()
        status = report(as_known(error), sys.argv[1:])
    return status


def _give_up_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _worth_again(number: int) -> bool:
    """Whether a verb that the signal ended is begun again: `run` then keeps its rules in processes of their own, which
    costs no more than the rule that did it; `search` says that its time was up in the form that was asked for."""
    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    return verb == "run" or (verb == "search" and number == signal.SIGALRM)

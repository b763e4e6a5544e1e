"""How a short process that used a Temporal client ends."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn


def finish(exit_code: int) -> NoReturn:
    """Flush and leave without interpreter shutdown.

    The SDK's threads can abort the process there with code 134 (temporalio sdk-python issue 300), which would turn a
    command that has done its work into a failure.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)

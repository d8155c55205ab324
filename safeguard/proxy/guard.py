"""The one broad except of the product. mitmproxy logs an exception in a hook and lets the ORIGINAL out; so every hook stands in here."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from safeguard.errors import Unchecked

log = logging.getLogger("safeguard.proxy")


@contextmanager
def guard(on_failure: Callable[[str], None]) -> Iterator[None]:
    """Run the body; where anything goes wrong, call on_failure with a reason for people, which must put the blocked answer in place."""
    try:
        yield
    except Unchecked as e:
        on_failure(str(e))
    except Exception as e:
        # The type and place alone: an exception's text may carry what the child was about to read.
        log.error("internal error, blocked: %s at %s", type(e).__name__, _where(e))
        on_failure(f"internal error ({type(e).__name__})")


def _where(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "?" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"

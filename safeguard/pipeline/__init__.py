"""The way of one response: bytes -> units -> verdicts -> decisions -> edited bytes, chained here and nowhere else."""

from safeguard.pipeline.checks import Pipeline
from safeguard.pipeline.exchange import Exchange, Outcome, Result
from safeguard.pipeline.ports import Health, Memory
from safeguard.pipeline.streams import EventFilter, MessageFilter

__all__ = ["EventFilter", "Exchange", "Health", "Memory", "MessageFilter", "Outcome", "Pipeline", "Result"]

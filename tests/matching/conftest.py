"""The shipped rules as one engine, built once."""

import pytest

from safeguard.matching.engine import Engine
from safeguard.ruleset.compiler import compile_rules
from safeguard.system import everyday, rule_files


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine of the shipped rules alone."""
    return Engine(compile_rules(rule_files.gather(tmp_path_factory.mktemp("own")).rules, everyday=everyday.every()))

"""Judging units by compiled rules. Pure. `Engine.check_many` is the only entry."""

"""Text as the rules see it: units and segments, folding, tokens. Pure: no I/O, no clock, no globals that change."""

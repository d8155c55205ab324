"""Finding the units in a body and writing notices into it, byte for byte otherwise. Pure; knows no site (sites/ does)."""

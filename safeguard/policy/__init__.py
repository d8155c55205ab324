"""From a verdict to what this child sees. Pure."""

"""Rule files to an immutable CompiledRules. Pure over (name, bytes); rules/README.md is the format's description."""

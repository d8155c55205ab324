"""Alerts for the parent: when, in which words, on the desktop or to phone and mail. Never the hateful text, never the author."""

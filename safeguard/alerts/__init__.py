"""Desktop alerts for the parent: when, in which words, and the desktop itself. Never the hateful text, never the author."""

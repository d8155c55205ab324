"""For texts that only a page's own scripts can read: the guard's script, its way past the page's policy, its talk. Pure."""

"""The demo: a small social network of our own, the real proxy in front of it, and a count of what really got through."""

"""`safeguard doctor`: facts of this computer are gathered in one place (look_*), then each check is a pure question to them."""

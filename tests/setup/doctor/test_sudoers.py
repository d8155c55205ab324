"""Who may become root by sudo's rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguard.setup.doctor.sudoers import lines_for


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ("anna ALL=(ALL:ALL) ALL", True),
        ("anna\tALL = (root) NOPASSWD: /usr/bin/apt", True),
        ("%kids ALL=(ALL) ALL", True),
        ("#1234 ALL=(ALL) ALL", True),
        ("ALL ALL=(ALL) NOPASSWD: ALL", True),
        ("berta, anna ALL=(ALL) ALL", True),
        ("berta,\\\n  anna ALL=(ALL) ALL", True),
        ("User_Alias KIDS = berta, anna\nKIDS ALL=(ALL) ALL", True),
        ("User_Alias ONE = carla : KIDS = berta, anna\nKIDS ALL=(ALL) ALL", True),
        ("User_Alias A = B\nUser_Alias B = A\nA ALL=(ALL) ALL", False),
        ("User_Alias KIDS = berta\nKIDS ALL=(ALL) ALL", False),
        ("ALL, !anna ALL=(ALL) ALL", False),
        ("berta ALL=(ALL) ALL", False),
        ("%others ALL=(ALL) ALL", False),
        ("# anna ALL=(ALL) ALL", False),
        ("#12345 ALL=(ALL) ALL", False),
        ("Defaults:anna !requiretty", False),
        ("Defaults env_reset # anna ALL=(ALL) ALL", False),
        ("annabel ALL=(ALL) ALL", False),
        ("@includedir /etc/sudoers.d", False),
        ("", False),
    ],
)
def test_who(rules: str, found: bool) -> None:
    said = lines_for([("/etc/sudoers", f"root ALL=(ALL:ALL) ALL\n{rules}\n")], "anna", 1234, {"kids"})
    assert bool(said) is found
    assert all(line.startswith("/etc/sudoers: ") for line in said)


@given(st.text())
def test_any_text(text: str) -> None:
    lines_for([("x", text)], "anna", 1000, {"kids"})

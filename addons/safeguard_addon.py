"""The filter inside plain mitmdump, for developers.

mitmdump --listen-host 127.0.0.1 --set onboarding=false -s addons/safeguard_addon.py
"""

from safeguard.proxy.developer import Developer

addons = [Developer()]

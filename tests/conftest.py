"""How generated examples are made in every test: the same ones each time, without a limit on their time."""

from __future__ import annotations

import hypothesis

# What an example costs depends on who else uses the machine, and a failure is to be met again at the next run.
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci")

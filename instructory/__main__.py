"""`python -m instructory` is the command `instructory`."""

from __future__ import annotations

from instructory.cli import main

main()

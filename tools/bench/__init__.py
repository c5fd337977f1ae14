"""The benchmark: prints what was asked for beside what was measured: `make bench`."""

import os

# pygame greets on standard output, which is the table's, or the machine's with --json.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

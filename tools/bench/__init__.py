"""The benchmark: prints what was asked for beside what was measured: `make bench`."""

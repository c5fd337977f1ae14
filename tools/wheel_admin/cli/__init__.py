"""The command line of `wheel-admin`: its commands as a table, shared options, output."""

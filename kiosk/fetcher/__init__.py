"""The fetcher: a process of its own that brings published files from elsewhere. Nothing in the kiosk imports it."""

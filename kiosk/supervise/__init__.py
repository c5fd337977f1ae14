"""Watches the process and its machine: disk, memory, watchdog, health, status."""

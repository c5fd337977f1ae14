"""Watches the process and its machine: disk, memory, heartbeat, health, status."""

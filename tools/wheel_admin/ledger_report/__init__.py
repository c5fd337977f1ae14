"""Reads a kiosk's ledger and status for reports."""

"""Commands that report and verify what the kiosk did."""

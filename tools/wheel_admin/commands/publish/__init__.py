"""Commands that hand something to the kiosk, or manage what was published."""

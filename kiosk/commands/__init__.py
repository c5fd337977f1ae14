"""The subcommands of `wheel-kiosk`, one module each."""

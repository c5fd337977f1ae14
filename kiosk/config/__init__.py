"""How a kiosk is started and set up: command line, kiosk.toml, logging."""

"""The organiser's command line, `wheel-admin`: from a spreadsheet to a signed, published list. One file a command."""

"""`wheel-admin`: the organiser's command-line tool."""

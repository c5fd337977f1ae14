"""From an organiser's files to checked entries: a sandboxed reading process, columns, rows."""

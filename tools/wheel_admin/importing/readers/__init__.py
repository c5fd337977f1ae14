"""From a file's bytes to sheets of cells; runs in the reading process only."""

"""`make demo`: the whole main job with real files and processes."""

"""What was published, and how it arrives: model and envelope are pure, store and watcher touch the disk."""

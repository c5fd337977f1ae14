"""A press from the button to the record, and everything between spins that the records say. No screen."""

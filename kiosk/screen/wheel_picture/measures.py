"""What the parts of a wheel measure, for whoever paints, smears or nears it."""

RIM = 0.945
"""Radius at which the wedges end and the rim begins, as a part of the disc's radius."""
MOST_WEDGES = 100
"""Most entries that get a whole wedge each; more would look like stripes, not like a wheel."""

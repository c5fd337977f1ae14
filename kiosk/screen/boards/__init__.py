"""Boards of winners: where the places stand, and how they are drawn."""

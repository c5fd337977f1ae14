"""Puts pictures on a screen: two back ends behind one adapter."""

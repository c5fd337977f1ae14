"""`wheel-kiosk doctor`: what is wrong with this machine, and the line to type.

Invariant: it looks and changes nothing. Each check is a function from an `ExaminedMachine` to findings; `report.CHECKS`
lists them all.
"""

"""Who wins: pure functions of bytes and integers, as DRAW.md (wheel-draw/1) says."""

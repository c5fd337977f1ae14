"""Who wins: pure functions of bytes and integers, as docs/protocol.md (wheel-draw/1) says."""

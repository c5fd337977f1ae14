"""The pointer strip: the names round the pointer, at full size."""

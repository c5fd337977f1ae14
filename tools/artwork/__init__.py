"""Scripts that make the sounds and pictures in assets/."""

"""What celebrates a winner."""

"""What a person touches and hears."""

"""What an edition is made of, read once; and how editions are read afterwards."""

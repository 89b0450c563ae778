"""Pages that show several features at once: home, initiative, space."""

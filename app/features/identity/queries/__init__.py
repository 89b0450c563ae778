"""What may be read of organisations, persons, mandates and invitations: one joined statement each."""

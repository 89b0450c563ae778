"""What may be done to organisations, persons, mandates, invitations and logins: one module for each kind of thing."""

"""What requests and answers about organisations, persons, mandates and signing in are made of."""

"""Kill -9 of the server and of PostgreSQL in mid-post, and a witness that keeps its own books (R1, R2, R5)."""

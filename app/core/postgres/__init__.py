"""The database without a server: PostgreSQL's programs from a wheel, behind a small launcher of our own."""

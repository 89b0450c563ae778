"""What people write: Markdown in, safe HTML and canonical plain text out, compared and set in French."""

"""What the pages weigh, how soon they show, and what they cost the server: `make bench-pages`."""

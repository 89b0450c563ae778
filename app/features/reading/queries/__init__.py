"""What is new to somebody, what changed, what is awaited of them."""

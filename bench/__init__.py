"""What `make bench` runs: both sides of each ratio in one run, interleaved, on real servers."""

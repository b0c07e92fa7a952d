"""What is done to an output besides running; each takes the lock and leaves a manifest."""

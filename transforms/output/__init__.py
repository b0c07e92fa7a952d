"""The output: its files, what they hold, how they change, and what is known of them."""

"""What all XML formats share: what a file is, its encoding, and what is refused."""

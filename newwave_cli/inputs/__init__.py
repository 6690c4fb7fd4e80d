"""What commands share where they are told which data to read."""

"""What training is made of: the loop, losses, schedules, and what each family of models brings to it."""

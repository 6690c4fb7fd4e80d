"""What only asks, taken away from a request: greetings, politeness, stories, who it is for."""

"""What the demo plays on: oscillators, drums, strings, winds, effects, the mixer and a little theory."""

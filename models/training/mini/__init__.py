"""Training `mini`: distillation from teachers, alignment with texts, and traits."""

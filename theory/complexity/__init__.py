"""What is hard and what is easy to learn, and how large that is."""

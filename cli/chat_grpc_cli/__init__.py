"""The terminal client of the chat."""

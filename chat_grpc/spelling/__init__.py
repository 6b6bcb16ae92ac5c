"""The spelling of names and addresses, and the equality of two spellings.

Servers and clients both import this package, so both compare in the same way. It does no I/O.
"""

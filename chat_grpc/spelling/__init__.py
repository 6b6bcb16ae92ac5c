"""Names and addresses: how they are spelled, and when two spellings mean the same.

Servers and clients both import this package, so both compare in the same way. It does no I/O.
"""

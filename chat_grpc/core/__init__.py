"""The chat itself, without I/O: streams, fan-out, presence, names, limits, errors.

Nothing here opens a socket or a file, and nothing reads a clock: bytes go out through a
function, time comes in as a function. Everything belongs to one event loop and needs no lock.
"""

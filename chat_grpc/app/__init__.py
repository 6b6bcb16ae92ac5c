"""The application layer: what each method of the contract does, without gRPC.

A transport hands every call to `Dispatcher.serve` as a `Duplex`. All checks and rules are here, so
that every transport has the same ones.
"""

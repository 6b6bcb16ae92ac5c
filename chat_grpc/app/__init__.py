"""The application layer: the handlers of all methods of the contract, without gRPC.

A transport hands every call to `Dispatcher.serve` as a `Duplex`. All checks and rules are here, so
that every transport has the same ones.
"""

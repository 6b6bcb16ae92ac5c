"""The gRPC face: servicers, the guard around every call, and errors as gRPC statuses."""

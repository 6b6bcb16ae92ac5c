"""gRPC by grpcio's server. Its writes are awaited; the pacer keeps few of them in flight."""

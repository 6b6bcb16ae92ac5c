"""Transports: how bytes get in and out, and nothing else."""

"""Transports: they carry bytes between peers and the application, and do nothing else."""

"""Dramatiq actors, the sandbox they run documents in, and the aggregator."""

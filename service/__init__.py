"""What gateway, actors and aggregator share. Imports neither of them."""

"""Programs that serve the project itself: checks, generators, test runs."""

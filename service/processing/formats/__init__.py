"""Readers: one module a family of formats, each turning a file into `Content`."""

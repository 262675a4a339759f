"""Says how good a document is for being read by a program."""

"""What follows from a document's quality and content, without a model."""

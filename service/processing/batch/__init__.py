"""What is known across the documents of a job."""

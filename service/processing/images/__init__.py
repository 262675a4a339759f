"""Pictures for a vision model: made small in the sandbox, shown, and removed again."""

"""Uploads: a multipart body streamed to disk, then to the blob store, then to rows."""

"""A folder of files that is in use, as the gateway makes it."""

from service.blobs import Blobs, open_blobs


def claimed_blobs(url: str) -> Blobs:
    """Open the store at `url`, in which nothing was stored before."""
    blobs = open_blobs(url)
    assert blobs.claim(first=True)
    return blobs

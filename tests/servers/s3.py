"""A private S3-compatible server: moto's, as a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support import eventually
from tools.stack.waiting import free_port

ACCESS_KEY = "docmill-test"
SECRET_KEY = "not-a-secret"  # accepted by a server of the test's own
REGION = "eu-central-1"


@dataclass(frozen=True)
class S3Server:
    """A running server."""

    endpoint: str

    def make_bucket(self, name: str) -> None:
        """Make a bucket."""
        self._client().create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}
        )

    def remove_bucket(self, name: str) -> None:
        """Remove an empty bucket."""
        self._client().delete_bucket(Bucket=name)

    def keys(self, bucket: str) -> list[str]:
        """Give the keys of all objects of a bucket."""
        found = self._client().list_objects_v2(Bucket=bucket).get("Contents", [])
        return [one["Key"] for one in found]

    def url(self, bucket: str, prefix: str = "", **options: object) -> str:
        """Give the blob URL of a bucket, with credentials."""
        given: dict[str, object] = {
            "endpoint": self.endpoint,
            "region": REGION,
            "access_key_id": ACCESS_KEY,
            "secret_access_key": SECRET_KEY,
        }
        query = httpx.QueryParams({**given, **options})  # type: ignore[dict-item]
        return f"s3://{bucket}/{prefix}?{query}"

    def _client(self) -> Any:
        # Slow, and few tests need it.
        import boto3  # type: ignore[import-untyped]  # has no annotations

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )


@contextmanager
def private_s3() -> Iterator[S3Server]:
    """Run a server that forgets everything at the end."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    server = S3Server(f"http://127.0.0.1:{port}")

    def answers() -> bool:
        try:
            return httpx.get(f"{server.endpoint}/moto-api/").status_code == 200
        except httpx.TransportError:
            return False

    try:
        eventually(answers, timeout_s=60)
        yield server
    finally:
        process.kill()
        process.wait()

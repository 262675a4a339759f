"""Whether the service can listen where it should, said before anything starts."""

import errno
import socket

from service.errors import ConflictError, SettingsError


def check_port(host: str, port: int) -> None:
    """Make sure that nothing else listens there.

    Raises:
        ConflictError: Code ``port_taken``: another program has the port.
        SettingsError: This machine does not let us listen there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ConflictError(
                    f"Port {port} on {host} is taken, perhaps by another Docmill. "
                    "Choose another one, like PORT=9000 with make, or --port 9000",
                    code="port_taken",
                ) from error
            raise SettingsError(
                f"Cannot listen on port {port} of {host}: {error.strerror}"
            ) from error

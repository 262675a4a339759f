"""A worker process to be killed: ``python -m … URL MILLISECONDS``."""

import sys
import threading

from service.messages import Command
from tests.integration.rabbitmq.crew import Crew


def main() -> None:
    """Work until somebody kills this."""
    url, milliseconds = sys.argv[1:]
    pause = threading.Event()

    def work(_: Command) -> None:
        pause.wait(int(milliseconds) / 1000)

    Crew(url, work, threads=4).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()

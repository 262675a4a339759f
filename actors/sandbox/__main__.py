"""Entry of the sandbox server; started by `actors.sandbox.process`, not by hand."""

from actors.sandbox.server import main

if __name__ == "__main__":
    main()

"""The command line, and with it the place where the parts are put together.

Modules here load light; what is heavy is imported by the command that needs it.
"""

"""The one exception of the lab: something a person has to read and act on."""


class LabError(Exception):
    """Carries the whole message; the entry point prints it and exits with 1."""

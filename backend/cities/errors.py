"""What can be wrong with a city's files, and with a code that a form names."""

from backend.core.errors import N_, Invalid


class UnknownCode(Invalid):
    """A form or a stored row names something that the city's files do not have."""

    message = N_("We do not know this choice: %(code)s.")


class CityDataError(Exception):
    """The city's files do not allow a start. Each line says file, line and reason."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("The city's data cannot be used:\n" + "\n".join(f"  {problem}" for problem in problems))

"""Why a file is no plan; one sentence each, and nothing of the file is kept."""

from backend.core.errors import N_, Invalid


class NotAPlan(Invalid):
    """A text without numbered parts or articles."""

    message = N_("This does not look like a plan: it has no numbered parts or articles. Nothing was kept.")


class EmptyFile(Invalid):
    """Nothing in it."""

    message = N_("The file is empty. Choose the file with the text of the plan.")


class TooLarge(Invalid):
    """More than a plan ever is."""

    message = N_("The file is too large for a plan: at most 5 MB, and 500,000 characters of text. Nothing was kept.")


class IsPdf(Invalid):
    """A PDF, scanned or not: its text is not to be had without guessing."""

    message = N_("A PDF cannot be read safely. Save the plan as .docx or plain text and send that.")


class IsOldWord(Invalid):
    """The format of Word before 2007."""

    message = N_("This is an old .doc file. Save it as .docx and send that.")


class Unreadable(Invalid):
    """Neither text nor a sound .docx."""

    message = N_("The file cannot be read as text or .docx. Save the plan as one of these and send it again.")

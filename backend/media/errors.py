"""What can be wrong with a photo, each as one sentence for the person who chose it."""

from typing import ClassVar

from backend.core.errors import N_, Conflict, Invalid, NotFound


class PhotoRefused(Invalid):
    """This file is not kept; the report goes on without it."""


class NotAPhoto(PhotoRefused):
    """The bytes are none of the four kinds of picture."""

    message: ClassVar[str] = N_("This file is not a photo. Choose a JPEG, PNG, WebP or HEIC picture.")


class PhotoEmpty(PhotoRefused):
    """There are no bytes."""

    message: ClassVar[str] = N_("This file is empty. Choose the photo again.")


class PhotoTooBig(PhotoRefused):
    """More bytes than a photo may have; answered as 413."""

    message: ClassVar[str] = N_("This photo is larger than 10 MB. Choose a smaller one.")


class PhotoTooManyPixels(PhotoRefused):
    """More pixels than may be decoded."""

    message: ClassVar[str] = N_("This picture has more than 50 million pixels. Choose a smaller one.")


class PhotoIdReused(Conflict):
    """One id, two different files."""

    message: ClassVar[str] = N_("Another photo was already sent under this number. Choose the photo again.")


class PhotosBusy(PhotoRefused):
    """Too many at once, or the storage does not answer; the page tries again by itself."""

    message: ClassVar[str] = N_("Photos cannot be received just now. Please try again in a few minutes.")


class PhotoStoreFull(PhotoRefused):
    """So little room is left that it is kept for what was acknowledged; answered as 507."""

    message: ClassVar[str] = N_(
        "Photos cannot be kept just now. Your report is taken without them: send it all the same."
    )


class PhotoNotShown(NotFound):
    """There is no such picture: the photo is unreadable, or nobody makes this size."""


# Not an error: the photo is kept and the report goes on.
UNREADABLE = N_("This photo arrived, but it is damaged and cannot be shown. Your report goes on without it.")

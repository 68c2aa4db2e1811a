"""What can be wrong with a campaign."""

from backend.core.errors import N_, NotFound


class DriveUnknown(NotFound):
    """No such campaign, or one too long ago or too far ahead."""

    message = N_("There is no such campaign.")

"""What a sender is told about a photo."""

from uuid import UUID

from pydantic import BaseModel


class PhotoTaken(BaseModel):
    """The answer to a photo: its digest proves later which bytes arrived; `unreadable` ones are kept, not shown."""

    id: UUID
    sha256: str
    width: int | None
    height: int | None
    status: str

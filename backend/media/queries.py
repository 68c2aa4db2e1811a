"""Reading which photos belong to whom."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, select

from backend.media.models import Photo


def photo(session: Session, photo_id: UUID) -> Photo | None:
    """Return one photo's row."""
    return session.get(Photo, photo_id)


def owned_by(session: Session, owner: str) -> list[UUID]:
    """Return the ids of an owner's photos, in order."""
    return list(session.exec(select(Photo.id).where(Photo.owner == owner).order_by(col(Photo.position))))


def photos_of_each(session: Session, owners: Collection[str]) -> dict[str, list[Photo]]:
    """Return the photos of each owner that has some, in order, in one statement."""
    found: dict[str, list[Photo]] = {}
    if owners:
        for row in session.exec(select(Photo).where(col(Photo.owner).in_(owners)).order_by(col(Photo.position))):
            found.setdefault(row.owner or "", []).append(row)
    return found


def owned_by_each(session: Session, owners: Collection[str]) -> dict[str, list[UUID]]:
    """Return the ids of each owner's photos, in order."""
    return {owner: [one.id for one in photos] for owner, photos in photos_of_each(session, owners).items()}

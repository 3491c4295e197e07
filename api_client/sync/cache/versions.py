"""Which of two states of a record stands: pure, and the same rule in memory and in SQL."""

from __future__ import annotations

from typing import NamedTuple

from api_client.models.base import WireModel


class Entry(NamedTuple):
    """A record as it was kept; without a model it is gone, and this is its tombstone."""

    version: int | None
    """None for a model that has no version."""
    model: WireModel | None


class Stamp(NamedTuple):
    """A record's state without its contents."""

    version: int | None
    gone: bool


def newer(stored: int | None, version: int | None) -> bool:
    """Return whether `version` is later than `stored`; None, which says nothing, is later than none."""
    return version is not None and (stored is None or version > stored)


def outlasts(stored: Stamp, arriving: Stamp) -> bool:
    """Return whether `stored` stays although `arriving` came after it.

    An older version never takes the place of a later one. Of equal ones the last fetch counts, but nothing that is as
    old as a tombstone raises the dead. Without versions the last fetch counts always.
    """
    if newer(arriving.version, stored.version):
        return True
    return stored.gone and not arriving.gone and stored.version is not None and stored.version == arriving.version


def stamp(entry: Entry) -> Stamp:
    """Return the state of `entry`."""
    return Stamp(entry.version, entry.model is None)


def version_of(model: WireModel) -> int | None:
    """Return the model's version, None where its kind has none."""
    version = getattr(model, "version", None)
    return version if isinstance(version, int) else None

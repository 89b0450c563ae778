"""Promise 7: a profile that would point at somebody is not told, nor is a veil that would."""

from __future__ import annotations

from sqlalchemy import text

from tests.factories import make_organisation
from tests.world import World


async def told(world: World) -> set[str]:
    """The profiles that may stand beside words of the shared space."""
    async with world.database.reading() as connection:
        rows = await connection.execute(
            text("SELECT profile FROM told_profiles(ARRAY[CAST(:space AS uuid)])"), {"space": world.shared.id}
        )
        return set(rows.scalars())


async def leave(world: World, who: str) -> None:
    """The organisation of `who` leaves the shared space, and stays in the initiative."""
    async with world.database.sessions() as db:
        await db.execute(
            text(
                "UPDATE space_members SET during = tstzrange(lower(during), now()) "
                "WHERE space_id = :space AND organisation_id = :organisation"
            ),
            {"space": world.shared.id, "organisation": world.mandates[who].organisation_id},
        )
        await db.commit()


async def test_members_of_the_space_are_counted_and_no_veil_covers_one(world: World) -> None:
    """The world has an association in the space, and a foundation."""
    assert await told(world) == set()
    for who in ("second", "third"):
        await make_organisation(world, f"Association {who}", speaks_as=who)
    assert await told(world) == set(), "the foundation alone would be behind the veil: unnamed would be its name"
    for n in range(2):
        await make_organisation(world, f"Entreprise {n}", "company", speaks_as=f"company{n}")
    assert await told(world) == {"association"}
    await leave(world, "third")
    assert await told(world) == set(), "three associations take part in the initiative, and two of them speak here"

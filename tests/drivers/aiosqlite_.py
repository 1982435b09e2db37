"""aiosqlite: the calls of sqlite3, each awaited."""
import asyncio

import aiosqlite

from conversation import show, steps


async def session(conversation):
    """Talks on one connection until told to reopen; False when there is nothing more to ask."""
    async with aiosqlite.connect("telemetry.db") as db:
        await db.enable_load_extension(True)
        await db.load_extension("./libjarvis_stats")
        for label, sql, values in conversation:
            print("==", label)
            if label == "reopen":
                return True
            try:
                show(await db.execute_fetchall(sql, values))
            except Exception as error:
                print("error:", error)
    return False


async def main():
    conversation = iter(steps())
    while await session(conversation):
        pass


asyncio.run(main())

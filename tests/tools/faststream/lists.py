"""lists.py <port> <topic> <group>: a list, popped one by one, and popped in batches"""
import asyncio
import sys

from faststream.redis import ListSub, RedisBroker
from redis.asyncio import Redis

port, topic, _ = sys.argv[1:]
lines = []


async def until_empty():
    async with Redis(port=int(port)) as client:
        while await client.llen(f"topics:{topic}") > 0:
            await asyncio.sleep(0.05)


async def main():
    done = asyncio.Queue()
    broker = RedisBroker(f"redis://127.0.0.1:{port}", logger=None)
    # docs: from here
    @broker.subscriber(list=f"topics:{topic}")
    async def work(text: str):
        await done.put(f"worker: {text}")
    # docs: to here

    await broker.start()
    for text in ["one", "two", "three"]:
        await broker.publish(text, list=f"topics:{topic}")
    async with asyncio.timeout(40):
        for _ in range(3):
            lines.append(await done.get())
        await until_empty()
    await broker.stop()

    batches = RedisBroker(f"redis://127.0.0.1:{port}", logger=None)

    @batches.subscriber(list=ListSub(f"topics:{topic}", batch=True, max_records=10, polling_interval=0.1))
    async def work_on_all(texts: list[str]):
        for text in texts:
            await done.put(f"batch: {text}")

    await batches.start()
    await batches.publish_batch("four", "five", list=f"topics:{topic}")
    async with asyncio.timeout(40):
        for _ in range(2):
            lines.append(await done.get())
        await until_empty()
    await batches.stop()


asyncio.run(main())
print("\n".join(sorted(lines)))

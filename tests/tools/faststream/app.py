"""app.py <port> <topic> <group>: publishes, and two subscribers, one of which gets what another has left"""
import asyncio
import sys

from faststream import AckPolicy
from faststream.redis import RedisBroker, RedisStreamMessage, StreamSub
from redis.asyncio import Redis

port, topic, group = sys.argv[1:]
stream = f"topics:{topic}"
lines = []


async def main():
    acked = asyncio.Queue()
    # docs: from here
    broker = RedisBroker(f"redis://127.0.0.1:{port}", logger=None)

    @broker.subscriber(
        stream=StreamSub(stream, group=group, consumer="worker", polling_interval=100),
        ack_policy=AckPolicy.MANUAL,
    )
    async def work(text: str, message: RedisStreamMessage):
        lines.append(f"worker: {text} {message.headers['trace']}")
        if text == "two":
            return  # neither acks nor nacks
        await message.ack()
        acked.put_nowait(text)
    # docs: to here

    @broker.subscriber(
        stream=StreamSub(stream, group=group, consumer="rescuer", min_idle_time=1500, polling_interval=100),
        ack_policy=AckPolicy.MANUAL,
    )
    async def rescue(text: str, message: RedisStreamMessage):
        lines.append(f"rescuer: {text} {message.headers['trace']}")
        await message.ack()
        acked.put_nowait(text)

    await broker.start()
    for text in ["one", "two", "three"]:
        await broker.publish(text, stream=stream, headers={"trace": text[0]}, maxlen=1000)
    async with asyncio.timeout(45):
        for _ in range(3):
            await acked.get()
    await broker.stop()
    client = Redis(port=int(port))
    lines.append(f"pending {(await client.xpending(stream, group))['pending']}")
    await client.aclose()


asyncio.run(main())
print("\n".join(sorted(lines)))

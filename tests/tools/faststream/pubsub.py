"""pubsub.py <port> <topic> <group>: a topic as a channel, a pattern of topics, and RPC on channels in memory"""
import asyncio
import sys

from faststream.redis import PubSub, RedisBroker

port, topic, _ = sys.argv[1:]
lines = []


async def main():
    got = asyncio.Queue()
    # docs: from here
    broker = RedisBroker(f"redis://127.0.0.1:{port}", logger=None)

    @broker.subscriber(f"topics:{topic}")
    async def listen(text: str):
        await got.put(f"listener: {text}")
    # docs: to here

    @broker.subscriber(PubSub("asks.*", pattern=True))
    async def answer(text: str):
        return text.upper()

    await broker.start()
    for text in ["one", "two", "three"]:
        await broker.publish(text, channel=f"topics:{topic}")
    async with asyncio.timeout(30):
        for _ in range(3):
            lines.append(await got.get())
    reply = await broker.request("hello", channel="asks.upper", timeout=20)
    lines.append(f"answer: {await reply.decode()}")
    await broker.stop()


asyncio.run(main())
print("\n".join(sorted(lines)))

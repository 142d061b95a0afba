"""app.py <port> <topic> <group>: sends tasks; a worker dies with some, another one runs all of them"""
import asyncio
import sys

from redis.asyncio import Redis
from taskiq.api import run_receiver_task
from taskiq_redis import RedisStreamBroker

port, topic, group = sys.argv[1:]
stream = f"topics:{topic}"
ran = asyncio.Queue()


def new_broker(consumer):
    # docs: from here
    return RedisStreamBroker(
        f"redis://127.0.0.1:{port}",
        queue_name=stream,
        consumer_group_name=group,
        consumer_name=consumer,
        xread_block=500,
        idle_timeout=1500,
        unacknowledged_lock_timeout=5,
    )
    # docs: to here


async def main():
    broker = new_broker("worker")

    @broker.task
    async def greet(name: str):
        await ran.put(name)

    await broker.startup()
    for name in ["one", "two"]:
        await greet.kiq(name)
    dying = new_broker("dying")
    messages = dying.listen()
    await anext(messages)  # and acks nothing of what it has got
    await messages.aclose()
    await dying.shutdown()

    worker = asyncio.create_task(run_receiver_task(broker, ack_time="when_executed"))
    await asyncio.sleep(1.6)  # longer than idle_timeout
    await greet.kiq("three")  # it looks for what is left when it has got something
    names = [await ran.get() for _ in range(3)]
    client = Redis(port=int(port))
    while (await client.xpending(stream, group))["pending"] > 0:
        await asyncio.sleep(0.05)
    worker.cancel()
    await client.aclose()
    await broker.shutdown()
    print("ran", *sorted(names))


asyncio.run(asyncio.wait_for(main(), 45))

"""lists.py <port> <topic> <group>: two workers share the tasks of a list"""
import asyncio
import sys

from redis.asyncio import Redis
from taskiq.api import run_receiver_task
from taskiq_redis import ListQueueBroker

port, topic, _ = sys.argv[1:]
ran = asyncio.Queue()


def new_broker():
    # docs: from here
    broker = ListQueueBroker(f"redis://127.0.0.1:{port}", queue_name=f"topics:{topic}")
    # docs: to here

    @broker.task(task_name="greet")
    async def greet(name: str):
        await ran.put(name)

    return broker, greet


async def main():
    workers = [new_broker()[0] for _ in range(2)]
    for broker in workers:
        await broker.startup()
    running = [asyncio.create_task(run_receiver_task(broker)) for broker in workers]
    sender, greet = new_broker()
    await sender.startup()
    for name in ["one", "two", "three"]:
        await greet.kiq(name)
    names = [await ran.get() for _ in range(3)]
    async with Redis(port=int(port)) as client:
        while await client.llen(f"topics:{topic}") > 0:
            await asyncio.sleep(0.05)
    for worker in running:
        worker.cancel()
    for broker in [*workers, sender]:
        await broker.shutdown()
    print("ran", *sorted(names))


asyncio.run(asyncio.wait_for(main(), 45))

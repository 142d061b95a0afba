"""pubsub.py <port> <topic> <group>: each of two workers runs every task of a topic"""
import asyncio
import sys

from taskiq.api import run_receiver_task
from taskiq_redis import PubSubBroker

port, topic, _ = sys.argv[1:]
ran = asyncio.Queue()


def new_broker(worker):
    # docs: from here
    broker = PubSubBroker(f"redis://127.0.0.1:{port}", queue_name=f"topics:{topic}")
    # docs: to here

    @broker.task(task_name="greet")
    async def greet(name: str):
        await ran.put(f"{worker} {name}")

    return broker, greet


async def main():
    brokers = [new_broker("a"), new_broker("b")]
    for broker, _ in brokers:
        broker.is_worker_process = True
        await broker.startup()
    workers = [asyncio.create_task(run_receiver_task(broker)) for broker, _ in brokers]
    sender, greet = new_broker("sender")
    await sender.startup()
    pool = sender.connection_pool
    from redis.asyncio import Redis
    redis = Redis(connection_pool=pool)
    while (await redis.pubsub_numsub(f"topics:{topic}"))[0][1] < 2:
        await asyncio.sleep(0.05)
    for name in ["one", "two"]:
        await greet.kiq(name)
    lines = sorted([await ran.get() for _ in range(4)])
    for worker in workers:
        worker.cancel()
    print("\n".join(lines), flush=True)


asyncio.run(asyncio.wait_for(main(), 45))

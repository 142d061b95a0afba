"""layer.py <port> <topic> <group>: a group of two channels of Django Channels, and a channel alone; all in memory"""
import asyncio
import sys

from channels_redis.pubsub import RedisPubSubChannelLayer

port, topic, _ = sys.argv[1:]


async def main():
    # docs: from here
    layer = RedisPubSubChannelLayer(hosts=[f"redis://127.0.0.1:{port}"])
    # docs: to here
    first, second = await layer.new_channel(), await layer.new_channel()
    await layer.group_add("room", first)
    await layer.group_add("room", second)
    await layer.group_send("room", {"type": "chat", "text": "to all"})
    for channel in (first, second):
        print("group:", (await layer.receive(channel))["text"])
    await layer.group_discard("room", second)
    await layer.group_send("room", {"type": "chat", "text": "to one"})
    await layer.send(second, {"type": "chat", "text": "to you"})
    print("first:", (await layer.receive(first))["text"])
    print("second:", (await layer.receive(second))["text"], flush=True)
    await layer.flush()


asyncio.run(asyncio.wait_for(main(), 45))

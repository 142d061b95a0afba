"""lists.py <port> <topic> [<protocol>]"""
import asyncio
import sys

from glide import GlideClient, GlideClientConfiguration, Logger, LogLevel, NodeAddress, ProtocolVersion

port, topic, *protocol = sys.argv[1:]
key = f"topics:{topic}"
Logger.set_logger_config(LogLevel.ERROR)  # it warns on the standard output when the machine is busy


def options():
    chosen = {"protocol": ProtocolVersion[f"RESP{protocol[0]}"]} if protocol else {}
    return GlideClientConfiguration([NodeAddress("127.0.0.1", int(port))], request_timeout=40_000, **chosen)


async def until(pop):
    while not (found := await pop()):
        pass
    return found


def told(values):
    return sorted(value.decode() for value in values)


async def main():
    client = await GlideClient.create(options())
    print("PUSHED", await client.rpush(key, ["one", "two", "three"]))
    name, value = await until(lambda: client.brpop([key], 3))
    got = [value, await until(lambda: client.lpop(key)), *await until(lambda: client.lpop_count(key, 10))]
    print("GOT", name.decode() == key, *told(got))
    print("EMPTY", await client.lpop(key) is None, await client.lpop_count(key, 10) is None)
    print("LENGTH", await client.llen(key))
    print("PUSHED", await client.lpush(key, ["four", "five"]))
    print("GOT", *told([(await until(lambda: client.blpop([key], 3)))[1], await until(lambda: client.rpop(key))]))
    print("TIMEOUT", await client.blpop([key], 0.1) is None)
    modes = GlideClientConfiguration.PubSubChannelModes
    channels = GlideClientConfiguration.PubSubSubscriptions({modes.Exact: {key}}, None, None)
    address = NodeAddress("127.0.0.1", int(port))
    # with RESP2 it has no subscriptions
    subscriber = await GlideClient.create(GlideClientConfiguration([address], pubsub_subscriptions=channels))
    while (await client.pubsub_numsub([key])).get(key.encode(), 0) < 1:
        await asyncio.sleep(0.02)
    print("SUBSCRIBED", 1)
    print("RECEIVERS", await client.publish("six", key))
    print("MESSAGE", (await subscriber.get_pubsub_message()).message.decode())
    await subscriber.close()
    await client.close()


asyncio.run(main())

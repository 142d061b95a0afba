"""session.py <port> <name> <topic> [<protocol>]"""
import asyncio
import sys

from glide import (
    Batch,
    GlideClient,
    GlideClientConfiguration,
    Logger,
    LogLevel,
    NodeAddress,
    ProtocolVersion,
    RequestError,
)

port, name, topic, *protocol = sys.argv[1:]
Logger.set_logger_config(LogLevel.ERROR)  # it warns on the standard output when the machine is busy


def options(**more):
    if protocol:
        more["protocol"] = ProtocolVersion[f"RESP{protocol[0]}"]
    return GlideClientConfiguration([NodeAddress("127.0.0.1", int(port))], **more)


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


async def retry(command):
    """The command, again while the server is away."""
    for _ in range(300):
        try:
            return await command()
        except RequestError:
            await asyncio.sleep(0.1)
    return await command()


async def consume(worker, count):
    messages = []
    for _ in range(30):
        if len(messages) == count:
            break
        if reply := await worker.custom_command(["BLPOP", f"topics:{topic}", "3"]):
            messages.append([text(part) for part in reply])
    print("CONSUMED", *(message[7] for message in messages))
    acks = [await worker.rpush("acks", [":".join(message[1:6:2])]) for message in messages]
    print("ACKED", *acks)


async def main():
    producer = await GlideClient.create(options())
    worker = await GlideClient.create(options(client_name=name))
    key = f"topics:{topic}:key"

    print("PING", text(await producer.ping()))
    print("SELECT", text(await worker.select(0)))
    print("NAME", text(await worker.client_getname()))
    print("PRODUCED", await producer.rpushx(key, ["one"]))
    batch = Batch(is_atomic=False)
    for value in ["two", "three", "four"]:
        batch.rpushx(key, [value])
    print("PIPELINED", *await producer.exec(batch, raise_on_error=True))
    print("FLUSHED", await producer.custom_command(["WAIT", "1", "10000"]))
    await consume(worker, 4)
    print("TOPICS", *(text(one) for one in await producer.custom_command(["KEYS", f"topics:{topic}"])))
    mode = next(line for line in text(await producer.info()).splitlines() if line.startswith("redis_mode:"))
    print("INFO", mode.partition(":")[2])

    print("RESTART", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print("PING", text(await retry(producer.ping)))
    print("NAME", text(await retry(worker.client_getname)))
    print("PRODUCED", await producer.rpushx(key, ["five"]))
    print("FLUSHED", await producer.custom_command(["WAIT", "1", "10000"]))
    await consume(worker, 1)
    await worker.close()
    await producer.close()
    print("CLOSED")


asyncio.run(main())

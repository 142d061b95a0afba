"""session.py <port> <name> <topic> [<protocol>]"""
import sys
import time

import redis

port, name, topic, *protocol = sys.argv[1:]
options = {"port": int(port)}
if protocol:
    options["protocol"] = int(protocol[0])
producer = redis.Redis(**options)
worker = redis.Redis(**options, client_name=name)


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def retry(command):
    """The command, again while the server is away."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return command()
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise


def hello():
    print("PING", "PONG" if retry(worker.ping) else "?")


def tell_name():
    listed = {client["name"] for client in worker.client_list()}
    assert listed >= {worker.client_info()["name"]} == {name}, listed
    print("NAME", text(worker.client_getname()))


def produce(message):
    print("PRODUCED", retry(lambda: producer.rpushx(f"topics:{topic}:key", message)))


def flush():
    print("FLUSHED", producer.wait(1, 10_000))


def consume(count):
    messages = []
    deadline = time.monotonic() + 30
    while len(messages) < count and time.monotonic() < deadline:
        if reply := worker.execute_command("BLPOP", f"topics:{topic}", 3):
            messages.append([text(part) for part in reply])
    print("CONSUMED", *(message[7] for message in messages))
    print("ACKED", *(worker.rpush("acks", ":".join(m[1:6:2])) for m in messages))


hello()
print("SELECT", "OK" if worker.select(0) else "?")
tell_name()
produce("one")
with producer.pipeline() as pipeline:
    for message in ["two", "three", "four"]:
        pipeline.rpushx(f"topics:{topic}:key", message)
    print("PIPELINED", *pipeline.execute())
flush()
consume(4)
print("TOPICS", *(text(key) for key in worker.keys(f"topics:{topic}")))
print("INFO", worker.info()["redis_mode"])

print("RESTART", flush=True)
sys.stdin.readline()
hello()
tell_name()
produce("five")
flush()
consume(1)
worker.close()
producer.close()
print("CLOSED")

"""pubsub.py <port> <topic> [<protocol>]"""
import sys
import time

import redis

port, topic, *protocol = sys.argv[1:]
options = {"port": int(port), "decode_responses": True}
if protocol:
    options["protocol"] = int(protocol[0])
client = redis.Redis(**options)
channel = f"topics:{topic}"
subscriber = client.pubsub()


def next_message():
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        message = subscriber.get_message(timeout=1)
        if message:
            return message
    raise TimeoutError


subscriber.subscribe(channel, "chat.1")
print("SUBSCRIBED", *[next_message()["data"] for _ in range(2)])
subscriber.psubscribe("room.*")
print("PATTERN", next_message()["data"])
print("RECEIVERS", client.publish(channel, "one"), client.publish("chat.1", "two"), client.publish("nobody", "x"))
got = [next_message() for _ in range(2)]
print("GOT", *sorted(f"{one['type']}/{one['data']}" for one in got))
with client.pipeline(transaction=False) as pipe:
    for text in ["three", "four", "five"]:
        pipe.publish("room.2", text)
    print("PIPELINED", *pipe.execute())
for _ in range(3):
    message = next_message()
    print("GOT", message["type"], message["pattern"], message["channel"], message["data"])
print("NUMSUB", *[count for _, count in client.pubsub_numsub(channel, "chat.1")], client.pubsub_numpat())
print("CHANNELS", *client.pubsub_channels("chat*"))
subscriber.unsubscribe(channel)
print("UNSUBSCRIBED", next_message()["data"])
subscriber.close()

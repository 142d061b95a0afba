"""lists.py <port> <topic> [<protocol>]"""
import sys

import redis

port, topic, *protocol = sys.argv[1:]
options = {"port": int(port), "decode_responses": True}
if protocol:
    options["protocol"] = int(protocol[0])
client = redis.Redis(**options)
key = f"topics:{topic}"


def until(pop):
    while not (found := pop()):
        pass
    return found


print("PUSHED", client.rpush(key, "one", "two", "three"))
name, value = until(lambda: client.brpop(key, 3))
got = [value, until(lambda: client.lpop(key))]
got += until(lambda: client.lpop(key, 10))
print("GOT", name == key, *sorted(got))
print("EMPTY", client.lpop(key) is None, client.lpop(key, 10) is None)
print("LENGTH", client.llen(key))
print("PUSHED", client.lpush(key, "four", "five"))
print("GOT", *sorted([until(lambda: client.blpop(key, 3))[1], until(lambda: client.rpop(key))]))
print("TIMEOUT", client.blpop(key, 0.1) is None)
subscriber = client.pubsub(ignore_subscribe_messages=False)
subscriber.subscribe(key)
print("SUBSCRIBED", subscriber.get_message(timeout=30)["data"])
print("RECEIVERS", client.publish(key, "six"))
print("MESSAGE", subscriber.get_message(timeout=30)["data"])
subscriber.close()

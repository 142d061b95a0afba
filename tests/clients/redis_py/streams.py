"""streams.py <port> <group> <topic> [<protocol>]"""
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import redis

port, group, topic, *protocol = sys.argv[1:]
options = {"port": int(port), "decode_responses": True}
if protocol:
    options["protocol"] = int(protocol[0])
stream = f"topics:{topic}"
client = redis.Redis(**options)
other = redis.Redis(**options)


def fields(value, trace):
    return {"value": value, "key": "k", "trace": trace}


def shown(entry):
    id, found = entry
    return "/".join([id, *(found[name] for name in ["value", "key", "trace"])])


def entries(reply):
    """Of the only stream: RESP2 has [[stream, entries]], RESP3 {stream: [entries]}."""
    if not reply:
        return []
    return reply[stream][0] if isinstance(reply, dict) else reply[0][1]


def read(consumer, count):
    found = []
    deadline = time.monotonic() + 30
    while len(found) < count and time.monotonic() < deadline:
        wanted = count - len(found)
        found += entries(client.xreadgroup(group, consumer, {stream: ">"}, count=wanted, block=3000))
    return found


def tell_pending():
    rows = client.xpending_range(stream, group, min="-", max="+", count=10)
    print("PENDING", *(f"{r['message_id']}:{r['consumer']}:{r['times_delivered']}" for r in rows))


def error(command):
    try:
        command()
    except redis.ResponseError as e:
        return e


print("CREATED", "OK" if client.xgroup_create(stream, group, id="$", mkstream=True) else "?")
print("AGAIN", error(lambda: client.xgroup_create(stream, group, id="$", mkstream=True)))
print("ADDED", client.xadd(stream, fields("one", "a")))
with client.pipeline() as pipeline:
    for value, trace in zip(["two", "three", "four", "five", "six"], "bcdef"):
        pipeline.xadd(stream, fields(value, trace))
    print("PIPELINED", *pipeline.execute())
print("LENGTH", client.xlen(stream))

first, second = read("alice", 2)
print("ALICE", shown(first), shown(second))
others = read("bob", 4)
print("BOB", *map(shown, others))
print("ACKED", other.xack(stream, group, first[0]), other.xack(stream, group, first[0]))

summary = client.xpending(stream, group)
print("SUMMARY", summary["pending"], summary["min"], summary["max"], end=" ")
print(*(f"{c['name']}={c['pending']}" for c in summary["consumers"]))
tell_pending()
claimed = client.xclaim(stream, group, "alice", 0, [others[0][0]])
print("CLAIMED", *map(shown, claimed))
tell_pending()
cursor, found, *_ = client.xautoclaim(stream, group, "carol", 0, start_id="0-0", count=2)
print("AUTOCLAIMED", *map(shown, found))
cursor, found, *_ = client.xautoclaim(stream, group, "carol", 0, start_id=cursor, count=10)
print("AUTOCLAIMED", *map(shown, found), cursor)
carols = entries(client.xreadgroup(group, "carol", {stream: "0"}))
print("CAROL HAS", *map(shown, carols))
print("BOB HAS", *map(shown, entries(client.xreadgroup(group, "bob", {stream: "0"}))))
print("ACKED", other.xack(stream, group, *(id for id, _ in carols)))
print("SUMMARY", client.xpending(stream, group)["pending"])
print("NOTHING", *map(shown, entries(client.xreadgroup(group, "bob", {stream: ">"}, block=10))))

print("RANGE", *map(shown, client.xrange(stream)))
print("RANGE", *map(shown, client.xrange(stream, min=f"({first[0]}", count=2)))
print("REVERSE", *map(shown, client.xrevrange(stream, count=2)))
print("READ", *map(shown, entries(client.xread({stream: others[1][0]}, count=2))))
with ThreadPoolExecutor() as threads:
    waiting = threads.submit(other.xread, {stream: others[3][0]}, block=20_000)
    print("ADDED", client.xadd(stream, fields("seven", "g")))
    print("WAITED", *map(shown, entries(waiting.result())))

info = client.xinfo_stream(stream)
print("STREAM", info["length"], info["groups"], info["first-entry"][0], info["last-entry"][0])
for info in client.xinfo_groups(stream):
    print("GROUP", info["consumers"], info["pending"], info["last-delivered-id"], info["lag"])
print("CONSUMERS", *(f"{c['name']}={c['pending']}" for c in client.xinfo_consumers(stream, group)))
print("NEW", client.xgroup_createconsumer(stream, group, "dave"))
print("DAVE", *map(shown, read("dave", 1)))
print("DELETED", *(client.xgroup_delconsumer(stream, group, name) for name in ["bob", "dave"]))
print("TRIMMED", client.xtrim(stream, maxlen=1000, approximate=True))
print("DELETED", client.xdel(stream, first[0]))
print("DESTROYED", *(int(client.xgroup_destroy(stream, group)) for _ in range(2)))
print("GONE", error(lambda: client.xreadgroup(group, "alice", {stream: ">"})))
client.close()
other.close()
print("CLOSED")

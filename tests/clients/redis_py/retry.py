import redis

# A message's topic says how often it has failed. The last one is for people.
TOPICS = ["mails", "mails.retry-1", "mails.retry-2", "mails.dead"]

producer = redis.Redis(port=6380)
worker = redis.Redis(port=6380, client_name="mailers:1")


def work(value):
    if b"@" not in value:
        raise ValueError("no address")
    print("done:", value.decode())


def store(topic, value):
    """Produces, and returns when Kafka has it."""
    pipeline = producer.pipeline(transaction=False)  # both commands on one connection
    _, stored = pipeline.rpushx(f"topics:{topic}", value).wait(1, 4_000).execute()
    if not stored:
        raise RuntimeError(f"not stored in {topic}")


while True:
    reply = worker.blpop("topics:" + ",".join(TOPICS[:-1]), 3)
    if not reply:
        continue  # no message in 3 seconds
    topic, partition, offset, value = reply[1::2]
    topic = topic.decode()
    try:
        work(value)
    except Exception as error:
        print(f"failed: {error}, from {topic}")
        store(TOPICS[TOPICS.index(topic) + 1], value)
    worker.rpush("acks", f"{topic}:{partition}:{offset}")  # not before it is stored

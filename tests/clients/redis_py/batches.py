import redis

worker = redis.Redis(port=6380, client_name="python-workers:2")
while True:
    reply = worker.execute_command("BLMPOP", 3, 1, "topics:greetings", "LEFT", "COUNT", 1000)
    last = {}
    for _, topic, _, partition, _, offset, _, value in reply[1] if reply else []:
        print("received:", value.decode())
        last[topic.decode(), partition] = offset
    if last:
        worker.rpush("acks", *(f"{topic}:{partition}:{offset}" for (topic, partition), offset in last.items()))

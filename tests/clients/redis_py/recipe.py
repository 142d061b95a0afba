import redis

producer = redis.Redis(port=6380)
producer.rpushx("topics:greetings:python", "Hello from Python")
print("delivered:", producer.wait(1, 10_000))

worker = redis.Redis(port=6380, client_name="python-workers:1")
while not (reply := worker.blpop("topics:greetings", 3)):
    pass  # no message in 3 seconds
topic, partition, offset, value = reply[1::2]
print("received:", value.decode())
worker.rpush("acks", f"{topic.decode()}:{partition}:{offset}")
worker.close()

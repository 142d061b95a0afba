import redis

rafka = {"port": 6380, "protocol": 2, "socket_timeout": 15, "single_connection_client": True}
producer = redis.Redis(**rafka)
producer.rpushx("topics:greetings:python", "Hello from Python")
print("not delivered yet:", producer.execute_command("DUMP", 10_000))

worker = redis.Redis(**rafka, client_name="python-workers:1")
if reply := worker.blpop("topics:greetings", 10):
    topic, partition, offset, value = reply[1::2]
    print("received:", value.decode())
    worker.rpush("acks", f"{topic.decode()}:{partition}:{offset}")
worker.close()

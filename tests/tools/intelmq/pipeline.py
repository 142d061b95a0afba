"""pipeline.py <port> <queue> <group>: one bot sends, another one gets it, dies with a message, and gets it again"""
import logging
import os
import signal
import sys
import tempfile

os.environ.setdefault("ROOT_DIR", tempfile.mkdtemp(prefix="intelmq-"))  # it makes no folder there

from intelmq.lib.pipeline import PipelineFactory

port, queue, _ = sys.argv[1:]
signal.alarm(50)


def pipeline(direction):
    # docs: from here
    pipe = PipelineFactory.create(
        logging.getLogger("bot"),
        broker="redis",
        direction=direction,
        queues=queue,
        pipeline_args={
            f"{direction}_pipeline_host": "127.0.0.1",
            f"{direction}_pipeline_port": port,
            f"{direction}_pipeline_db": 0,
        },
    )
    pipe.connect()
    # docs: to here
    return pipe


sender = pipeline("destination")
for text in ["one", "two", "three"]:
    sender.send(text)

dying = pipeline("source")
first = dying.receive()  # and acks it never; what it has is in its internal queue
worker = pipeline("source")
again = worker.receive()
print("again:", first == again)
worker.acknowledge()
rest = []
for _ in range(2):
    rest.append(worker.receive())
    worker.acknowledge()
print("got", *sorted([first, *rest]))
print("left", worker.count_queued_messages(queue, f"{queue}-internal") == {queue: 0, f"{queue}-internal": 0})

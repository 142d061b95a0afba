"""omhiredis.py <port> <topic> <group>: rsyslog publishes lines, which a subscriber gets, and queues lines, which a worker pops"""
import socket
import subprocess
import sys
import tempfile
import time

port, topic, _ = sys.argv[1:]

CONFIG = """
module(load="imuxsock" SysSock.Use="off")
module(load="omhiredis")
input(type="imuxsock" Socket="{folder}/log")
template(name="line" type="string" string="%msg:2:$%")
# docs: from here
action(
  type="omhiredis" server="127.0.0.1" serverport="{port}"
  mode="{mode}" key="topics:{topic}" template="line"
)
# docs: to here
"""


def command(*words):
    parts = [word.encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def log(mode, topic, receive):
    """Two lines go through an rsyslog of their own; what is received of them."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/rsyslog.conf", "w") as file:
            file.write(CONFIG.format(folder=folder, port=port, topic=topic, mode=mode))
        rsyslog = subprocess.Popen(
            ["rsyslogd", "-n", "-f", f"{folder}/rsyslog.conf", "-i", f"{folder}/pid"], stderr=subprocess.DEVNULL
        )
        lines = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        deadline = time.monotonic() + 30
        while True:
            try:
                lines.connect(f"{folder}/log")
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        for text in ["one", "two"]:
            lines.send(f"<14>test: {text}".encode())
        received = [receive() for _ in range(2)]
        rsyslog.terminate()
        rsyslog.wait(20)
        return sorted(received)


def words(replies, count):
    """The words of an array of so many bulks."""
    return [replies.readline().strip().decode() for _ in range(1 + 2 * count)][2::2]


with socket.create_connection(("127.0.0.1", int(port))) as connection:
    connection.settimeout(40)
    replies = connection.makefile("rb")
    connection.sendall(command("SUBSCRIBE", f"topics:{topic}"))
    for _ in range(6):
        replies.readline()
    print("published", *log("publish", topic, lambda: words(replies, 3)[-1]))
with socket.create_connection(("127.0.0.1", int(port))) as connection:
    connection.settimeout(40)
    replies = connection.makefile("rb")

    def pop():
        connection.sendall(command("BLPOP", f"topics:{topic}-queue", "30"))
        return words(replies, 2)[-1]

    print("queued", *log("queue", f"{topic}-queue", pop))

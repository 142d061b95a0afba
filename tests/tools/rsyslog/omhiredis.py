"""omhiredis.py <port> <topic> <group>: rsyslog publishes lines to a topic, and a subscriber gets them"""
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
  mode="publish" key="topics:{topic}" template="line"
)
# docs: to here
"""


def command(*words):
    parts = [word.encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


with tempfile.TemporaryDirectory() as folder:
    subscriber = socket.create_connection(("127.0.0.1", int(port)))
    subscriber.settimeout(40)
    subscriber.sendall(command("SUBSCRIBE", f"topics:{topic}"))
    replies = subscriber.makefile("rb")
    for _ in range(6):
        replies.readline()
    with open(f"{folder}/rsyslog.conf", "w") as file:
        file.write(CONFIG.format(folder=folder, port=port, topic=topic))
    rsyslog = subprocess.Popen(
        ["rsyslogd", "-n", "-f", f"{folder}/rsyslog.conf", "-i", f"{folder}/pid"], stderr=subprocess.DEVNULL
    )
    log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    deadline = time.monotonic() + 30
    while True:
        try:
            log.connect(f"{folder}/log")
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    for text in ["one", "two"]:
        log.send(f"<14>test: {text}".encode())
    lines = []
    while len(lines) < 2:
        *_, payload = [replies.readline().strip().decode() for _ in range(7)]
        lines.append(payload)
    rsyslog.terminate()
    rsyslog.wait(20)
    print("\n".join(sorted(lines)))

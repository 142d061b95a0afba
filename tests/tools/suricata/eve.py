"""eve.py <port> <topic> <group>: Suricata reads a capture and pushes its events to a list, which a worker pops"""
import json
import socket
import struct
import subprocess
import sys
import tempfile

port, topic, _ = sys.argv[1:]

CONFIG = """%YAML 1.1
---
vars: {{address-groups: {{HOME_NET: any, EXTERNAL_NET: any}}, port-groups: {{}}}}
app-layer: {{protocols: {{dns: {{udp: {{enabled: yes}}, tcp: {{enabled: no}}}}}}}}
unix-command: {{enabled: no}}
outputs:
# docs: from here
  - eve-log:
      enabled: yes
      filetype: redis
      redis:
        server: 127.0.0.1
        port: {port}
        mode: {mode}
        key: topics:{topic}
        pipelining:
          enabled: yes
          batch-size: 2
      types: [dns]
# docs: to here
"""


def query(name, number):
    """A UDP packet with a DNS query, as Ethernet frames it."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    dns = struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)
    udp = struct.pack(">HHHH", 40000 + number, 53, 8 + len(dns), 0) + dns
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0) + bytes([10, 0, 0, 1, 10, 0, 0, 2])
    total = sum(struct.unpack(">10H", ip))
    total = (total & 0xFFFF) + (total >> 16)
    ip = ip[:10] + struct.pack(">H", ~total & 0xFFFF) + ip[12:]
    return bytes(6) + bytes([2, 0, 0, 0, 0, 1]) + b"\x08\x00" + ip + udp


def capture(names):
    packets = [query(name, number) for number, name in enumerate(names)]
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    return head + b"".join(struct.pack("<IIII", 1_700_000_000, at, len(one), len(one)) + one for at, one in enumerate(packets))


def run_suricata(mode, names):
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/suricata.yaml", "w") as file:
            file.write(CONFIG.format(port=port, topic=topic, mode=mode))
        with open(f"{folder}/capture.pcap", "wb") as file:
            file.write(capture(names))
        command = ["suricata", "-c", f"{folder}/suricata.yaml", "-r", f"{folder}/capture.pcap", "-l", folder, "-S", "/dev/null"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=50)
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)


def pop(replies, connection):
    words = [b"BLPOP", f"topics:{topic}".encode(), b"40"]
    connection.sendall(b"*3\r\n" + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words))
    *_, size = [replies.readline() for _ in range(4)]
    event = replies.read(int(size[1:]) + 2)
    return json.loads(event)["dns"]["rrname"]


with socket.create_connection(("127.0.0.1", int(port))) as connection:
    connection.settimeout(50)
    worker = connection.makefile("rb")
    for mode in ["lpush", "rpush"]:
        names = [f"{name}.{mode}.test" for name in ["one", "two"]]
        run_suricata(mode, names)
        print(mode, *sorted([pop(worker, connection) for _ in names]))

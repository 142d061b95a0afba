import sys
import redis

port, user, password, ca, cert, key = sys.argv[1:]
url = f"rediss://{user}:{password}@localhost:{port}"
with redis.Redis.from_url(url, ssl_ca_certs=ca, decode_responses=True) as client:
    print("password:", client.acl_whoami())
files = {"ssl_ca_certs": ca, "ssl_certfile": cert, "ssl_keyfile": key}
with redis.Redis.from_url(f"rediss://localhost:{port}", **files, decode_responses=True) as client:
    print("certificate:", client.acl_whoami())
with redis.Redis.from_url(url, **files, decode_responses=True) as client:
    print("both:", client.acl_whoami())

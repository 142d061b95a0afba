/**
 * Notes on tested clients beside their versions and protocols, for all versions of a client or one.
 *
 * @module
 */

/** By `<client>` or `<client> <version>`. */
export const clientNotes: Readonly<Record<string, string>> = {
  "redis-cli": "has no option for the name: send CLIENT SETNAME after a reconnect, too",
  "redis-benchmark": "20 connections, 2000 messages in pipelines, instead of the session",
  "redis-py 8.1.0": "reads for 5 seconds at most",
  "redis-py 4.3.4": "the version of Debian 12",
  "redis-rb": "the version of Debian 12",
  "phpredis": "the version of Debian 12",
  "Valkey GLIDE": "its Python client",
  "go-redis": "a pipeline has a connection of its own",
  "rueidis": "a worker is a `Dedicate()`, and sends CLIENT SETNAME itself",
  "Jedis 8.0.2": "RedisClient, a pool",
  "Jedis 5.2.0": "JedisPooled",
  "Redisson": "only streams",
  "redis-rs": "ConnectionManager and Connection; no option for the name",
  "hiredis": "the version of Debian 12; no option for the name",
};

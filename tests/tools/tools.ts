/**
 * The tools that work with Redis Streams, pub/sub or lists and are tested, unmodified, with their own configuration. Nothing here uses the
 * network: what Debian has not got, `tests/tools/install` puts into the folder that RAFKA_TEST_CLIENTS names.
 *
 * @module
 */
import { topLevel } from "../../src/commands/registry.ts";
import { type Command, go, java, node, python, saved, works } from "../clients/commands.ts";

/** What a tool takes Redis for. */
export type Shape = "streams" | "pub/sub" | "lists";

/** A tool in one version. */
export interface Tool {
  readonly tool: string;
  readonly version: string;
  /** Its program, run as `<program> <port> <topic> <group>`. */
  readonly program: string;
  /** What that prints. */
  readonly prints: string;
  /** A message in the topic, as any Kafka consumer sees it; `undefined` where that is the tool's own format. */
  readonly value: RegExp | undefined;
  /** The group has acked all; false where the tool reads without a group. */
  readonly acks: boolean;
  readonly uses: Shape;
  /** A command that it can't do without and Rafka has not got yet. */
  readonly needs?: string;
  readonly howToGet: string;
  /** Prepares and returns the command that runs this source; `undefined` where the tool isn't installed. */
  readonly command: Command | undefined;
}

/** Whether it works with this version of Rafka. */
export function worksNow({ needs }: Tool): boolean {
  return needs === undefined || topLevel.some(({ name }) => name === needs);
}

/** All of them. */
export const tools: readonly Tool[] = [
  {
    tool: "Dapr pubsub.redis",
    uses: "streams",
    version: "1.18.0",
    program: "dapr/pubsub.go",
    prints: "two is delivered again: true\none trace o\ntwo trace t\nthree trace t\n",
    value: /^(one|two|three)$/,
    acks: true,
    ...fromRegistry("dapr-1", go),
  },
  {
    tool: "Watermill redisstream",
    uses: "streams",
    version: "1.4.5",
    program: "watermill/pubsub.go",
    prints: `a nacked one comes again: true
another subscriber gets what is not acked: true
without a group: uuid-one one o, uuid-three three t, uuid-two two t
consumers 1
`,
    value: /^(one|two|three)$/,
    acks: true,
    ...fromRegistry("watermill-1", go),
  },
  {
    tool: "Spring Data Redis",
    uses: "streams",
    version: "4.1.2",
    program: "spring_data_redis/streams.java",
    prints: `auditor: one trace o
auditor: three trace t
auditor: two trace t
worker: one trace o
worker: three trace t
worker: two trace t
pending 1
claimed two
acked 1
audit pending 0
length 3
`,
    value: /^(one|two|three)$/,
    acks: true,
    ...fromRegistry("spring_data_redis-4", java),
  },
  {
    tool: "FastStream",
    uses: "streams",
    version: "0.7.8",
    program: "faststream/app.py",
    prints: "pending 0\nrescuer: two t\nworker: one o\nworker: three t\nworker: two t\n",
    value: undefined,
    acks: true,
    ...fromRegistry("faststream-0", python),
  },
  {
    tool: "Taskiq (taskiq-redis)",
    uses: "streams",
    version: "1.2.4",
    program: "taskiq/app.py",
    prints: "ran one three two\n",
    value: /"args": ?\["(one|two|three)"\]/,
    acks: true,
    ...fromRegistry("taskiq-1", python),
  },
  {
    tool: "Moleculer channels",
    uses: "streams",
    version: "0.1.8",
    program: "moleculer/channels.mjs.txt",
    prints: "dead letter: poison\none attempts 1\ntwo attempts 2\nstopped\n",
    value: /^\{"text":"(one|two|poison)"\}$/,
    acks: true,
    ...fromRegistry("moleculer-0", node),
  },
  {
    tool: "Socket.IO redis-streams adapter",
    uses: "streams",
    version: "0.3.1",
    program: "socket_io/servers.mjs.txt",
    prints:
      "greeting from the first\nanswer { text: 'from the second' }\nbytes <Buffer 62 69 6e 61 72 79>\nclosed\n",
    value: /"data":\["greeting","from the first"\]/,
    acks: false,
    needs: "SUBSCRIBE",
    ...fromRegistry("socket_io-0", node),
  },
  {
    tool: "Socket.IO redis adapter",
    uses: "pub/sub",
    version: "8.3.0",
    program: "socket_io_adapter/servers.mjs.txt",
    prints: "greeting to all\ngreeting to the room\nanswers [ 'from the second' ]\n" +
      "servers [ 'a server' ]\nclosed\n",
    value: undefined,
    acks: false,
    ...fromRegistry("socket_io_adapter-8", node),
  },
  {
    tool: "NestJS microservices (redis)",
    uses: "pub/sub",
    version: "12.1.1",
    program: "nestjs/microservice.mjs.txt",
    prints: "sum 6\nevents one two\n",
    value: /^\{"pattern":"topics:.*","data":"one"\}$/,
    acks: false,
    ...fromRegistry("nestjs-12", node),
  },
  {
    tool: "FastStream pub/sub",
    uses: "pub/sub",
    version: "0.7.8",
    program: "faststream/pubsub.py",
    prints: "answer: HELLO\nlistener: one\nlistener: three\nlistener: two\n",
    value: undefined,
    acks: false,
    ...fromRegistry("faststream-0", python),
  },
  {
    tool: "Taskiq PubSubBroker (taskiq-redis)",
    uses: "pub/sub",
    version: "1.2.4",
    program: "taskiq/pubsub.py",
    prints: "a one\na two\nb one\nb two\n",
    value: /"args": ?\["one"\]/,
    acks: false,
    ...fromRegistry("taskiq-1", python),
  },
  {
    tool: "Django Channels (channels_redis.pubsub)",
    uses: "pub/sub",
    version: "4.3.0",
    program: "channels/layer.py",
    prints: "group: to all\ngroup: to all\nfirst: to one\nsecond: to you\n",
    value: undefined,
    acks: false,
    ...fromRegistry("channels_redis-4", python),
  },
  {
    tool: "rsyslog omhiredis",
    uses: "pub/sub",
    version: "8.2302",
    program: "rsyslog/omhiredis.py",
    prints: "published one two\nqueued one two\n",
    value: /^(one|two)$/,
    acks: false,
    howToGet: "apt-get install -y rsyslog rsyslog-hiredis",
    command: works("sh", "-c", "rsyslogd -v && ls /usr/lib/*/rsyslog/omhiredis.so")
      ? saved("python3")
      : undefined,
  },
  {
    tool: "Suricata EVE",
    uses: "lists",
    version: "7.0.10",
    program: "suricata/eve.py",
    prints: "lpush one.lpush.test two.lpush.test\nrpush one.rpush.test two.rpush.test\n",
    value: /"rrname":"one\.lpush\.test"/,
    acks: false,
    howToGet: "apt-get install -y -t bookworm-backports suricata",
    command: works("sh", "-c", "suricata --build-info | grep -q 'hiredis support: *yes'")
      ? saved("python3")
      : undefined,
  },
  {
    tool: "Logstash's redis plugins, by their commands",
    uses: "lists",
    version: "3.7.1",
    program: "logstash/plugins.rb",
    prints: "batches: one three two\nempty: []\nsingle: four\nleft: 0\n",
    value: /^(one|two|three|four)$/,
    acks: true,
    howToGet: "apt-get install -y ruby-redis",
    command: works("ruby", "-e", "require 'redis'") ? saved("ruby") : undefined,
  },
  {
    tool: "Node-RED (node-red-contrib-redis)",
    uses: "lists",
    version: "1.3.9",
    program: "node_red/flow.mjs.txt",
    prints: "one\nthree\ntwo\n",
    value: /^(one|two|three)$/,
    acks: true,
    ...fromRegistry("node_red-4", node),
  },
  {
    tool: "IntelMQ pipeline (redis)",
    uses: "lists",
    version: "3.5.0",
    program: "intelmq/pipeline.py",
    prints: "again: True\ngot one three two\nleft True\n",
    value: /^(one|two|three)$/,
    acks: true,
    ...fromRegistry("intelmq-3", python),
  },
  {
    tool: "Spring Integration (redis)",
    uses: "lists",
    version: "7.1.2",
    program: "spring_integration/queues.java",
    prints: "one\nthree\ntwo\n",
    value: /^(one|two|three)$/,
    acks: true,
    ...fromRegistry("spring_integration-7", java),
  },
  {
    tool: "FastStream lists",
    uses: "lists",
    version: "0.7.8",
    program: "faststream/lists.py",
    prints: "batch: five\nbatch: four\nworker: one\nworker: three\nworker: two\n",
    value: undefined,
    acks: true,
    ...fromRegistry("faststream-0", python),
  },
  {
    tool: "Taskiq ListQueueBroker (taskiq-redis)",
    uses: "lists",
    version: "1.2.4",
    program: "taskiq/lists.py",
    prints: "ran one three two\n",
    value: /"args": ?\["one"\]/,
    acks: true,
    ...fromRegistry("taskiq-1", python),
  },
  {
    tool: "Symfony Messenger (redis)",
    uses: "streams",
    version: "5.4.53",
    program: "symfony_messenger/messenger.php",
    prints: "another consumer gets what is not acked: yes\nacked: one three two\n",
    value: undefined,
    acks: true,
    howToGet: "apt-get install -y php-cli php-redis php-symfony-redis-messenger",
    command: works(
        "php",
        "-r",
        "exit((int) !@include('Symfony/Component/Messenger/Bridge/Redis/autoload.php'));",
      )
      ? saved("php")
      : undefined,
  },
];

function fromRegistry(
  name: string,
  language: (name: string) => Command | undefined,
): Pick<Tool, "howToGet" | "command"> {
  return {
    howToGet: `tests/tools/install <folder> ${name}; RAFKA_TEST_CLIENTS=<folder>`,
    command: language(name),
  };
}

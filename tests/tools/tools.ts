/**
 * The tools that work with Redis Streams or pub/sub and are tested, unmodified, with their own configuration. Nothing here uses the
 * network: what Debian has not got, `tests/tools/install` puts into the folder that RAFKA_TEST_CLIENTS names.
 *
 * @module
 */
import { topLevel } from "../../src/commands/registry.ts";
import { type Command, go, java, node, python, saved, works } from "../clients/commands.ts";

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
  /** It subscribes and publishes; others read streams. */
  readonly isPubSub?: true;
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
    version: "1.18.0",
    program: "dapr/pubsub.go",
    prints: "two is delivered again: true\none trace o\ntwo trace t\nthree trace t\n",
    value: /^(one|two|three)$/,
    acks: true,
    ...fromRegistry("dapr-1", go),
  },
  {
    tool: "Watermill redisstream",
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
    version: "0.7.8",
    program: "faststream/app.py",
    prints: "pending 0\nrescuer: two t\nworker: one o\nworker: three t\nworker: two t\n",
    value: undefined,
    acks: true,
    ...fromRegistry("faststream-0", python),
  },
  {
    tool: "Taskiq (taskiq-redis)",
    version: "1.2.4",
    program: "taskiq/app.py",
    prints: "ran one three two\n",
    value: /"args": ?\["(one|two|three)"\]/,
    acks: true,
    ...fromRegistry("taskiq-1", python),
  },
  {
    tool: "Moleculer channels",
    version: "0.1.8",
    program: "moleculer/channels.mjs.txt",
    prints: "dead letter: poison\none attempts 1\ntwo attempts 2\nstopped\n",
    value: /^\{"text":"(one|two|poison)"\}$/,
    acks: true,
    ...fromRegistry("moleculer-0", node),
  },
  {
    tool: "Socket.IO redis-streams adapter",
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
    isPubSub: true,
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
    isPubSub: true,
    version: "12.1.1",
    program: "nestjs/microservice.mjs.txt",
    prints: "sum 6\nevents one two\n",
    value: /^\{"pattern":"topics:.*","data":"one"\}$/,
    acks: false,
    ...fromRegistry("nestjs-12", node),
  },
  {
    tool: "FastStream pub/sub",
    isPubSub: true,
    version: "0.7.8",
    program: "faststream/pubsub.py",
    prints: "answer: HELLO\nlistener: one\nlistener: three\nlistener: two\n",
    value: undefined,
    acks: false,
    ...fromRegistry("faststream-0", python),
  },
  {
    tool: "Taskiq PubSubBroker (taskiq-redis)",
    isPubSub: true,
    version: "1.2.4",
    program: "taskiq/pubsub.py",
    prints: "a one\na two\nb one\nb two\n",
    value: /"args": ?\["one"\]/,
    acks: false,
    ...fromRegistry("taskiq-1", python),
  },
  {
    tool: "Django Channels (channels_redis.pubsub)",
    isPubSub: true,
    version: "4.3.0",
    program: "channels/layer.py",
    prints: "group: to all\ngroup: to all\nfirst: to one\nsecond: to you\n",
    value: undefined,
    acks: false,
    ...fromRegistry("channels_redis-4", python),
  },
  {
    tool: "rsyslog omhiredis",
    isPubSub: true,
    version: "8.2302",
    program: "rsyslog/omhiredis.py",
    prints: "one\ntwo\n",
    value: /^(one|two)$/,
    acks: false,
    howToGet: "apt-get install -y rsyslog rsyslog-hiredis",
    command: works("sh", "-c", "rsyslogd -v && ls /usr/lib/*/rsyslog/omhiredis.so")
      ? saved("python3")
      : undefined,
  },
  {
    tool: "Symfony Messenger (redis)",
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

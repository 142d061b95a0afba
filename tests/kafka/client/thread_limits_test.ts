/**
 * What limits the threads of this process, from files as Linux has them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type ReadFile, threadLimits } from "../../../src/kafka/client/thread_limits.ts";

/** Of a service of a Debian 12 with the second version of control groups. */
const SERVICE: Readonly<Record<string, string>> = {
  "/proc/self/status": "Name:\trafka\nUid:\t994\t994\t994\t994\nThreads:\t12\n",
  "/proc/self/cgroup": "0::/system.slice/rafka.service\n",
  "/proc/self/limits":
    "Limit                     Soft Limit           Hard Limit           Units     \n" +
    "Max processes             15392                15392                processes \n" +
    "Max open files            65536                65536                files     \n",
  "/proc/loadavg": "0.06 0.18 0.24 3/410 16234\n",
  "/proc/sys/kernel/threads-max": "30784\n",
  "/proc/sys/kernel/pid_max": "4194304\n",
  "/proc/sys/vm/max_map_count": "65530\n",
  "/sys/fs/cgroup/system.slice/pids.max": "max\n",
  "/sys/fs/cgroup/system.slice/pids.current": "200\n",
  "/sys/fs/cgroup/system.slice/rafka.service/pids.max": "4915\n",
  "/sys/fs/cgroup/system.slice/rafka.service/pids.current": "13\n",
};

const MIB = 1024 * 1024;

const cases: {
  name: string;
  files: Record<string, string | undefined>;
  expected: Record<string, [threads: number, used: number]>;
}[] = [
  {
    name: "a service",
    files: {},
    expected: {
      "the control group's pids.max": [4_915, 13],
      "kernel.threads-max": [30_784, 410],
      "kernel.pid_max": [4_194_304, 410],
      "the user's `ulimit -u`": [15_392, 12],
      "vm.max_map_count": [24_573, 12],
      "`ulimit -n` (open files)": [27_768, 12],
    },
  },
  {
    name: "a process with few files, half of which connections may have",
    files: { "/proc/self/limits": "Max open files            1024     4096     files     \n" },
    expected: { "`ulimit -n` (open files)": [256, 12] },
  },
  {
    name: "a group with little memory",
    files: { "/sys/fs/cgroup/system.slice/rafka.service/memory.max": `${512 * MIB}\n` },
    expected: { "the control group's memory.max": [3_456, 12] },
  },
  {
    name: "a machine with little memory left",
    files: { "/proc/meminfo": "MemTotal:  1000000 kB\nMemAvailable:  131072 kB\n" },
    expected: { "the machine's MemAvailable": [384, 12] },
  },
  {
    name: "a container with little memory and the first version of control groups",
    files: {
      "/proc/self/cgroup": "9:name=systemd:/docker/4f\n8:memory:/docker/4f\n0::/docker/4f\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": `${64 * MIB}\n`,
    },
    expected: { "the control group's memory.max": [0, 12] },
  },
  {
    name: "a group whose parent allows less",
    files: {
      "/sys/fs/cgroup/system.slice/rafka.service/pids.max": "max\n",
      "/sys/fs/cgroup/system.slice/pids.max": "300\n",
    },
    expected: { "the control group's pids.max": [300, 200] },
  },
  {
    name: "a container with the first version of control groups, which shows the path outside",
    files: {
      "/proc/self/cgroup": "9:name=systemd:/docker/4f\n8:pids:/docker/4f\n0::/docker/4f\n",
      "/sys/fs/cgroup/pids/pids.max": "200\n",
      "/sys/fs/cgroup/pids/pids.current": "31\n",
    },
    expected: { "the control group's pids.max": [200, 31] },
  },
  {
    name: "a container with a namespace of control groups",
    files: {
      "/proc/self/cgroup": "0::/\n",
      "/sys/fs/cgroup/pids.max": "512\n",
      "/sys/fs/cgroup/pids.current": "31\n",
    },
    expected: { "the control group's pids.max": [512, 31] },
  },
  {
    name: "root, for whom `ulimit -u` does not count",
    files: { "/proc/self/status": "Uid:\t0\t0\t0\t0\nThreads:\t12\n" },
    expected: { "vm.max_map_count": [24_573, 12] },
  },
  {
    name: "a unit with ProcSubset=pid, which sees nothing of the system",
    files: {
      "/proc/loadavg": undefined,
      "/proc/sys/kernel/threads-max": undefined,
      "/proc/sys/kernel/pid_max": undefined,
      "/proc/sys/vm/max_map_count": undefined,
    },
    expected: { "the user's `ulimit -u`": [15_392, 12], "vm.max_map_count": [24_573, 12] },
  },
];

for (const { name, files, expected } of cases) {
  Deno.test(`The limits of ${name}`, () => {
    const all: Record<string, string | undefined> = { ...SERVICE, ...files };
    const read: ReadFile = (path) => all[path];
    const found = Object.fromEntries(
      threadLimits(10_000, read).map(({ name, threads, used }) => [name, [threads, used()]]),
    );
    for (const [limit, values] of Object.entries(expected)) assert.deepEqual(found[limit], values);
    if (name.startsWith("root")) assert.equal(found["the user's `ulimit -u`"], undefined);
    if (name.startsWith("a unit")) assert.equal(found["kernel.threads-max"], undefined);
  });
}

Deno.test("Where there is no /proc nothing is known", () => {
  assert.deepEqual(threadLimits(10_000, () => undefined), []);
});

Deno.test({
  name: "This machine has limits, and this process threads",
  ignore: Deno.build.os !== "linux",
  fn(): void {
    const limits = threadLimits(10_000);
    assert.ok(limits.some(({ name }) => name === "kernel.threads-max"));
    for (const { name, threads, used } of limits) {
      assert.ok(used() > 0 && used() < threads, `${name}: ${used()} of ${threads}`);
    }
  },
});

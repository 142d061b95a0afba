/**
 * Limits of Linux on the threads of this process, and on what librdkafka's threads take: maps, open files, memory. The
 * one with the fewest left counts.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#pid
 * @see https://man7.org/linux/man-pages/man2/pthread_create.3.html
 * @module
 */

import { readSystemFile } from "../../ffi/system_file.ts";

/** One limit. */
export interface ThreadLimit {
  /** Its name for administrators. */
  readonly name: string;
  /** Its value, in its own unit. */
  readonly value: number;
  /** Number of threads that it allows. */
  readonly threads: number;
  /** Number of threads that count against it, including those of other programs. */
  readonly used: () => number;
}

/** Reads a file of /proc or /sys; undefined where there is none. */
export type ReadFile = (path: string) => string | undefined;

/** A thread has a stack and a guard in front of it. */
const MAPS_PER_THREAD = 2;
/** Share of the maps for threads; the rest is for the memory of JavaScript and of messages. */
const MAPS_FOR_THREADS = 0.75;
/** A thread for a broker has a pipe that wakes it, and a connection: 8 files for 4 threads. */
const FILES_PER_THREAD = 2;
/** A consumer that waits takes 0.63 MiB, a producer 0.35 MiB; with one broker 5 threads are counted for each. */
const MEMORY_PER_THREAD_BYTES = 128 * 1024;
/** The program, without what is mapped from its file. */
const OTHER_MEMORY_BYTES = 80 * 1024 * 1024;
/** The kernel's default, for where it can't be read, as in a systemd unit with ProcSubset=pid. */
const DEFAULT_MAX_MAP_COUNT = 65_530;

/**
 * The limits on this process; none on other systems than Linux.
 *
 * @param maxClients maximum number of connections, which take files, too
 */
export function threadLimits(maxClients: number, read: ReadFile = readSystemFile): ThreadLimit[] {
  const status = read("/proc/self/status");
  if (status === undefined) return [];
  return [
    ...controlGroupLimits(read),
    ...systemLimits(read),
    ...userLimit(read, status),
    mapLimit(read),
    ...fileLimit(read, maxClients),
    ...memoryLimit(read),
  ];
}

/** pids.max of the control group of this process and of its ancestors. */
function controlGroupLimits(read: ReadFile): ThreadLimit[] {
  return controlGroups(read, "pids").flatMap((folder) => {
    const value = Number(read(`${folder}/pids.max`)); // NaN for "max"
    const used = (): number => Number(read(`${folder}/pids.current`) ?? 0);
    return value > 0 ? [{ name: "the control group's pids.max", value, threads: value, used }] : [];
  });
}

/** The folders of a controller for the control group of this process and its ancestors. */
function controlGroups(read: ReadFile, controller: string): string[] {
  const lines = (read("/proc/self/cgroup") ?? "").split("\n").map((line) => line.split(":"));
  return lines.flatMap(([, controllers, path = ""]) => {
    if (controllers === "") return foldersOf("/sys/fs/cgroup", path);
    return controllers === controller ? foldersOf(`/sys/fs/cgroup/${controller}`, path) : [];
  });
}

/** In a container the path may be one of the host, and the group mounted as the root. */
function foldersOf(root: string, path: string): string[] {
  const names = path.split("/").filter((name) => name !== "");
  return names.map((_, at) => `${root}/${names.slice(0, at + 1).join("/")}`).concat(root);
}

function systemLimits(read: ReadFile): ThreadLimit[] {
  const used = (): number => Number(/\d+\/(\d+)/.exec(read("/proc/loadavg") ?? "")?.[1] ?? 0);
  return ["threads-max", "pid_max"].flatMap((file) => {
    const value = Number(read(`/proc/sys/kernel/${file}`));
    return value > 0 ? [{ name: `kernel.${file}`, value, threads: value, used }] : [];
  });
}

/** Root has no limit. Other programs of the user are not counted. */
function userLimit(read: ReadFile, status: string): ThreadLimit[] {
  const isRoot = /^Uid:\s+\d+\s+0\s/m.test(status);
  const value = ownLimit(read, "Max processes");
  if (isRoot || !(value > 0)) return [];
  return [{ name: "the user's `ulimit -u`", value, threads: value, used: () => ownThreads(read) }];
}

function mapLimit(read: ReadFile): ThreadLimit {
  const value = Number(read("/proc/sys/vm/max_map_count") ?? DEFAULT_MAX_MAP_COUNT);
  const threads = Math.floor(value * MAPS_FOR_THREADS / MAPS_PER_THREAD);
  return { name: "vm.max_map_count", value, threads, used: () => ownThreads(read) };
}

/** Connections keep what they may have, or half where there are few. */
function fileLimit(read: ReadFile, maxClients: number): ThreadLimit[] {
  const value = ownLimit(read, "Max open files");
  if (!(value > 0)) return [];
  const threads = Math.floor((value - Math.min(maxClients, value / 2)) / FILES_PER_THREAD);
  return [{ name: "`ulimit -n` (open files)", value, threads, used: () => ownThreads(read) }];
}

/** The least memory in bytes: of the control group of this process, of its ancestors, and what the machine has left. */
function memoryLimit(read: ReadFile): ThreadLimit[] {
  const ofGroups = controlGroups(read, "memory").map((folder) => ({
    name: "the control group's memory.max",
    value: Number(read(`${folder}/memory.max`) ?? read(`${folder}/memory.limit_in_bytes`)), // NaN for "max"
  }));
  const [, kib] = /^MemAvailable:\s+(\d+)/m.exec(read("/proc/meminfo") ?? "") ?? [];
  const ofMachine = { name: "the machine's MemAvailable", value: 1024 * Number(kib) };
  const [least] = [...ofGroups, ofMachine].filter(({ value }) => value > 0)
    .toSorted((a, b) => a.value - b.value);
  if (!least) return [];
  const bytes = Math.max(0, least.value - OTHER_MEMORY_BYTES);
  const threads = Math.floor(bytes / MEMORY_PER_THREAD_BYTES);
  return [{ ...least, threads, used: () => ownThreads(read) }];
}

function ownLimit(read: ReadFile, name: string): number {
  const [, value] = new RegExp(`^${name}\\s+(\\d+)`, "m").exec(read("/proc/self/limits") ?? "") ??
    [];
  return Number(value);
}

function ownThreads(read: ReadFile): number {
  return Number(/^Threads:\s+(\d+)/m.exec(read("/proc/self/status") ?? "")?.[1] ?? 0);
}

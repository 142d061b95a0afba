/**
 * Limits of Linux on the threads of this process; the one with the fewest left counts.
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
/** The kernel's default, for where it can't be read, as in a systemd unit with ProcSubset=pid. */
const DEFAULT_MAX_MAP_COUNT = 65_530;

/** The limits on this process; none on other systems than Linux. */
export function threadLimits(read: ReadFile = readSystemFile): ThreadLimit[] {
  const status = read("/proc/self/status");
  if (status === undefined) return [];
  return [
    ...controlGroupLimits(read),
    ...systemLimits(read),
    ...userLimit(read, status),
    mapLimit(read),
  ];
}

/** pids.max of the control group of this process and of its ancestors. */
function controlGroupLimits(read: ReadFile): ThreadLimit[] {
  const lines = (read("/proc/self/cgroup") ?? "").split("\n").map((line) => line.split(":"));
  return lines.flatMap(([, controllers, path = ""]) => {
    if (controllers === "") return foldersOf("/sys/fs/cgroup", path);
    return controllers === "pids" ? foldersOf("/sys/fs/cgroup/pids", path) : [];
  }).flatMap((folder) => {
    const value = Number(read(`${folder}/pids.max`)); // NaN for "max"
    const used = (): number => Number(read(`${folder}/pids.current`) ?? 0);
    return value > 0 ? [{ name: "the control group's pids.max", value, threads: value, used }] : [];
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
  const value = Number(/^Max processes\s+(\d+)/m.exec(read("/proc/self/limits") ?? "")?.[1]);
  if (isRoot || !(value > 0)) return [];
  return [{ name: "the user's `ulimit -u`", value, threads: value, used: () => ownThreads(read) }];
}

function mapLimit(read: ReadFile): ThreadLimit {
  const value = Number(read("/proc/sys/vm/max_map_count") ?? DEFAULT_MAX_MAP_COUNT);
  const threads = Math.floor(value * MAPS_FOR_THREADS / MAPS_PER_THREAD);
  return { name: "vm.max_map_count", value, threads, used: () => ownThreads(read) };
}

function ownThreads(read: ReadFile): number {
  return Number(/^Threads:\s+(\d+)/m.exec(read("/proc/self/status") ?? "")?.[1] ?? 0);
}

/**
 * Where a result is from: machine, versions, day.
 *
 * @module
 */
import { inspect } from "../../tasks/native/library.ts";
import { isOnPath } from "../support/on_path.ts";
import { run } from "./process.ts";
import { builtLibrary } from "./tools.ts";

/** One line about it. */
export async function describeMachine(): Promise<string> {
  const cpus = await run("cat", ["/proc/cpuinfo"]);
  const model = /^model name\s*: (.*)$/m.exec(cpus)?.[1] ?? Deno.build.arch;
  const redis = isOnPath("redis-server")
    ? /v=([\d.]+)/.exec(await run("redis-server", ["--version"]))?.[1]
    : undefined;
  return [
    `${navigator.hardwareConcurrency} cores of ${model.trim()}`,
    `Deno ${Deno.version.deno}`,
    `librdkafka ${inspect(builtLibrary).version}`,
    ...(redis ? [`Redis ${redis}`] : []),
    new Date().toISOString().slice(0, 10),
  ].join(", ");
}

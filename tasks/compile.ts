/**
 * @module
 * `deno task compile`: the gateway as one executable, dist/rafka, with librdkafka inside. Made with the Deno that
 * runs the task; DENORT_BIN names a runtime that is here already, instead of the one that `deno compile` downloads.
 */
import { describeParts } from "./describe_parts.ts";
import { inspect } from "./native_library.ts";
import { library } from "./native_plan.ts";
import { say, TaskError } from "./say.ts";
import { startFlags } from "./start_flags.ts";

const output = "dist/rafka";
/** What goes into the program lies here, beside each other: that is how it is found again. */
const parts = `dist/${Deno.build.target}`;

if (import.meta.main) {
  Deno.chdir(new URL("..", import.meta.url));
  try {
    await compile();
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    say(error.message);
    Deno.exit(1);
  }
}

async function compile(): Promise<void> {
  const { version } = inspect(library);
  await Deno.mkdir(parts, { recursive: true });
  await Deno.copyFile(library, `${parts}/librdkafka.so.1`);
  // Bundled, because `deno compile` embeds whole npm packages: 8 MB of zod, of which 0.5 MB are used.
  await deno(["bundle", "--quiet", "--platform=deno", `--output=${parts}/rafka.js`, "src/main.ts"]);
  await describeParts(parts, Deno.build.target, version);
  await forgetTimes();
  await deno([
    "compile",
    "--no-config", // its permissions and node_modules are not the program's
    "--no-check", // of generated code; `deno task ok` checks the source
    "--no-code-cache", // it would be a file in a folder that all users share, under a name that all know
    ...startFlags,
    `--include=${parts}/librdkafka.so.1`,
    `--include=${parts}/licenses.txt`,
    `--output=${output}`,
    `${parts}/rafka.js`,
  ]);
  const { size } = await Deno.stat(output);
  say(`Compiled ${output}, ${(size / 1e6).toFixed(1)} MB, with librdkafka ${version} inside`);
}

/** The times of embedded files go into the executable: without them the same source gives the same bytes. */
async function forgetTimes(): Promise<void> {
  for (const name of ["rafka.js", "librdkafka.so.1", "licenses.txt"]) {
    await Deno.utime(`${parts}/${name}`, 0, 0);
  }
}

async function deno(args: readonly string[]): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], stdin: "null" });
  const { success } = await command.spawn().status;
  if (!success) throw new TaskError(`deno ${args[0]} failed`);
}

/**
 * The same source gives the same executable: whoever doubts a release can make it again and compare.
 *
 * @module
 */
import assert from "node:assert/strict";
import { sha256 } from "../../tasks/sha256.ts";
import { compilerRuntime } from "../support/machine.ts";

const project = new URL("../../", import.meta.url).pathname;

Deno.test({
  name: "compiling in two folders gives the same bytes",
  ignore: compilerRuntime === undefined,
  async fn(): Promise<void> {
    const work = await Deno.makeTempDir({ prefix: "rafka-again-" });
    try {
      const sums = [];
      for (const folder of ["here", "a longer path/with spaces"]) {
        sums.push(await compileIn(`${work}/${folder}`));
      }
      assert.equal(sums[0], sums[1]);
    } finally {
      await Deno.remove(work, { recursive: true });
    }
  },
});

/** Compiles a copy of this project, with the library that is built; the checksum of its executable. */
async function compileIn(folder: string): Promise<string> {
  const { deno, denort } = compilerRuntime!;
  await Deno.mkdir(folder, { recursive: true });
  await run("sh", [
    "-c",
    'git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- -cf - | tar -C "$0" -xf -',
    folder,
  ]);
  await run("cp", ["-a", "native", "node_modules", folder]);
  await run(deno, ["task", "compile"], { cwd: folder, env: { DENORT_BIN: denort } });
  return await sha256(await Deno.readFile(`${folder}/dist/rafka`));
}

async function run(
  command: string,
  args: string[],
  options: Deno.CommandOptions = {},
): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { cwd: project, ...options, args })
    .output();
  assert.ok(success, `${command} ${args.join(" ")}:\n${new TextDecoder().decode(stderr)}`);
}

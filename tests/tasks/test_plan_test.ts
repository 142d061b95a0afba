/**
 * `deno task test`: which files it runs and in how many parts, and that it adds up what came of them: a process that
 * crashes, or counts nothing, is a failure.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  ALONE,
  filesOf,
  FIRST,
  isOfRelease,
  PARTS,
  planOf,
  readRequest,
  RELEASE,
} from "../../tasks/test_plan.ts";

const project = new URL("../../", import.meta.url);

Deno.test("what names tests is told from what is for deno test", () => {
  assert.deepEqual(readRequest(["tests/resp/", "--filter", "leak", "a_test.ts", "--release"]), {
    paths: ["tests/resp/", "a_test.ts"],
    release: true,
    flags: ["--filter", "leak"],
  });
});

Deno.test("each test file belongs to a commit or to a release", () => {
  const [commit, release, all] = [[], ["--release"], ["tests/"]]
    .map((args) => filesOf(readRequest(args)));
  assert.deepEqual([...commit!, ...release!].sort(), all);
  assert.ok(commit!.length > release!.length && release!.every(isOfRelease));
});

Deno.test("every file that the plan names is there", () => {
  const all = filesOf(readRequest(["tests/"]));
  const named = [...RELEASE, ...Object.keys(ALONE), ...FIRST, ...Object.keys(PARTS)];
  const missing = named.filter((path) => !all.some((file) => file.startsWith(path)));
  assert.deepEqual(missing, []);
});

Deno.test("a file is run once, or once for each of its parts", () => {
  const [[file, count]] = Object.entries(PARTS) as [[string, number]];
  const { together, alone } = planOf([file, "tests/other_test.ts"], ["--fail-fast"]);
  const runs = [...together, ...alone].filter((run) => run.file === file);
  assert.deepEqual(runs.map(({ part }) => part), runs.map((_, i) => `${i + 1}/${count}`));
  assert.equal(together.length + alone.length, count + 1);
});

const outcomes = [
  {
    what: "tests that pass, fail and are left out add up",
    files: ["pass", "fail", "ignore"],
    last: "2 passed, 1 failed, 1 skipped",
  },
  {
    what: "a process that ends on its way is a failure",
    files: ["pass", "exit"],
    last: "1 passed, 1 failed",
  },
  { what: "so is one that is killed", files: ["pass", "kill"], last: "1 passed, 1 failed" },
  { what: "so is a file that does not load", files: ["pass", "load"], last: "1 passed, 1 failed" },
  { what: "so is a run of no tests", files: ["none"], last: "0 passed, 0 failed" },
];

const sources: Readonly<Record<string, string>> = {
  pass: `Deno.test("good", () => {});`,
  fail: `Deno.test("good", () => {}); Deno.test("bad", () => { throw new Error("bad"); });`,
  ignore: `Deno.test.ignore("left out", () => {});`,
  exit: `Deno.test("ends", () => { Deno.kill(Deno.pid, "SIGTERM"); });
    Deno.test("waits", () => new Promise((resolve) => setTimeout(resolve, 60_000)));`,
  kill: `Deno.test("is killed", () => Deno.kill(Deno.pid, "SIGKILL"));`,
  load: `throw new Error("not today");`,
  none: "",
};

for (const { what, files, last } of outcomes) {
  Deno.test(what, async () => {
    const folder = await Deno.makeTempDir();
    try {
      for (const name of files) {
        await Deno.writeTextFile(`${folder}/${name}_test.ts`, sources[name]!);
      }
      const { code, stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--allow-all", "tasks/test.ts", "--no-check", `${folder}/`],
        cwd: project,
        stdin: "null",
      }).output();
      const lines = new TextDecoder().decode(stdout).trimEnd().split("\n");
      assert.equal(lines.at(-1), last, lines.join("\n"));
      assert.equal(code, 1);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

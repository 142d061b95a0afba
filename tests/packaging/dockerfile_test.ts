/**
 * The Dockerfile, step by step, on a Debian of its own: the image that comes out of it runs as nobody, is healthy,
 * takes its configuration from the environment or from a mounted file, and stops when it is told.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestCluster } from "../support/kafka.ts";
import { compilerRuntime, debianRoot, hasHadolint } from "../support/machine.ts";
import { type Launcher, Program, runProgram } from "../support/program.ts";
import {
  buildScript,
  lastValue,
  parseDockerfile,
  rootOf,
  type Stage,
  type Surroundings,
} from "./dockerfile.ts";

const context = new URL("../../", import.meta.url).pathname;
const stages = parseDockerfile(await Deno.readTextFile(`${context}Dockerfile`));
const final = stages.at(-1)!;

/** Does not optimise: the same steps, in half the time. */
const FAST_COMPILER = '#!/bin/sh\nexec /usr/bin/cc "$@" -O0\n';

Deno.test({
  name: "hadolint has nothing against the Dockerfile",
  ignore: !hasHadolint,
  async fn(): Promise<void> {
    const { success, stdout } = await new Deno.Command("hadolint", {
      args: [`${context}Dockerfile`],
    }).output();
    assert.ok(success, new TextDecoder().decode(stdout));
  },
});

Deno.test("the image says all that an operator of containers needs", () => {
  assert.equal(lastValue(final, "ENTRYPOINT"), '["rafka"]');
  assert.equal(lastValue(final, "HEALTHCHECK"), 'CMD ["rafka", "--healthcheck"]');
  assert.equal(lastValue(final, "STOPSIGNAL"), "SIGTERM");
  assert.equal(lastValue(final, "EXPOSE"), "6380");
  assert.match(lastValue(final, "USER")!, /^[1-9]\d*:[1-9]\d*$/);
});

Deno.test({
  name: "each line of the Dockerfile works, and so does the image",
  ignore: debianRoot === undefined || compilerRuntime === undefined,
  async fn(t): Promise<void> {
    await using image = await Image.build(stages);
    await t.step("it starts as nobody, is healthy, and stops at SIGTERM", async () => {
      await using program = await Program.start(["--dev"], {}, image.launch);
      assert.equal(await ownerOf(program.pid), lastValue(final, "USER"));
      const args = ["--healthcheck", "--port", `${program.port}`];
      assert.equal((await runProgram(args, {}, image.launch)).code, 0);
      program.signal("SIGTERM");
      assert.equal(await program.exited(), 0, program.log);
    });
    await t.step("it is not healthy when it does not run", async () => {
      const args = ["--healthcheck", "--port", "1"];
      const { code, stderr } = await runProgram(args, {}, image.launch);
      assert.equal(code, 1);
      assert.match(stderr, /^rafka: No healthy Rafka at 127\.0\.0\.1:1: /);
    });
    await t.step("it is configured by RAFKA_CONFIG_JSON or by /etc/rafka/config.json", async () => {
      await using kafka = await TestCluster.start();
      const config = { general: { "bootstrap.servers": kafka.mock.bootstrapServers } };
      const json = JSON.stringify(config);
      await produce(await Program.start([], { RAFKA_CONFIG_JSON: json }, image.launch));
      await image.writeFile("/etc/rafka/config.json", json);
      await produce(await Program.start([], {}, image.launch));
    });
    await t.step("it has certificates to check a broker's with", async () => {
      assert.match(
        await image.readFile("/etc/ssl/certs/ca-certificates.crt"),
        /^-----BEGIN CERTIFICATE/,
      );
    });
  },
});

async function ownerOf(pid: number): Promise<string> {
  const { stdout } = await new Deno.Command("stat", {
    args: ["--format=%u:%g", `/proc/${pid}`],
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

async function produce(started: Program): Promise<void> {
  await using program = started;
  using client = await program.connect();
  assert.equal(await client.ask("RPUSHX", "topics:greetings", "hello"), ":1\r\n");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
}

/** What the Dockerfile makes, in a folder; the mounts live as long as the process that made them. */
class Image implements AsyncDisposable {
  readonly #surroundings: Surroundings;
  readonly #builder: Deno.ChildProcess;

  private constructor(surroundings: Surroundings, builder: Deno.ChildProcess) {
    this.#surroundings = surroundings;
    this.#builder = builder;
  }

  static async build(stages: readonly Stage[]): Promise<Image> {
    const surroundings = await surroundingsHere();
    const script = `${surroundings.work}/script`;
    const lines = [
      buildScript(stages, surroundings),
      `mount --rbind /proc ${rootOf(surroundings, final)}/proc`, // every container has it
      "echo built",
      "exec cat", // keeps the mounts until the input ends
    ];
    await Deno.writeTextFile(script, lines.join("\n"));
    const builder = new Deno.Command("unshare", {
      args: ["--mount", "sh", "-c", 'exec sh "$0" 2>"$0.log"', script],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    let output = "";
    for await (const text of builder.stdout.pipeThrough(new TextDecoderStream())) {
      output += text;
      if (output.endsWith("built\n")) break;
    }
    const image = new Image(surroundings, builder);
    if (!output.endsWith("built\n")) {
      const log = await Deno.readTextFile(`${script}.log`);
      await image[Symbol.asyncDispose]();
      assert.fail(`${output.slice(-2_000)}${log.slice(-2_000)}`);
    }
    return image;
  }

  /** As `docker run` does: the entry point, as its user, in its working directory. */
  readonly launch: Launcher = (args, env) => {
    const [uid, gid] = lastValue(final, "USER")!.split(":");
    const entryPoint = JSON.parse(lastValue(final, "ENTRYPOINT")!) as string[];
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const become = [
      `--root=${this.#root}`,
      `--wd=${lastValue(final, "WORKDIR")}`,
      `--setuid=${uid}`,
      `--setgid=${gid}`,
    ];
    const path = "PATH=/usr/local/bin:/usr/bin";
    const run = ["env", "-i", path, ...variables, "unshare", ...become, ...entryPoint, ...args];
    return { command: "nsenter", args: [...this.#inside, ...run] };
  };

  async readFile(path: string): Promise<string> {
    const { stdout } = await new Deno.Command("nsenter", {
      args: [...this.#inside, "cat", this.#root + path],
    }).output();
    return new TextDecoder().decode(stdout);
  }

  async writeFile(path: string, text: string): Promise<void> {
    const { success } = await new Deno.Command("nsenter", {
      args: [...this.#inside, "sh", "-c", 'printf %s "$1" >"$0"', this.#root + path, text],
    }).output();
    assert.ok(success);
  }

  /** Where the mounts are. */
  get #inside(): string[] {
    return [`--target=${this.#builder.pid}`, "--mount"];
  }

  get #root(): string {
    return rootOf(this.#surroundings, final);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#builder.stdin.close().catch(() => {}); // it has ended by itself if a step failed
    await this.#builder.status;
    await Deno.remove(this.#surroundings.work, { recursive: true });
  }
}

/** The images are a Debian and a folder with the Deno that runs this; the runtime is not downloaded. */
async function surroundingsHere(): Promise<Surroundings> {
  const work = await Deno.makeTempDir({ prefix: "rafka-docker-" });
  await Deno.mkdir(`${work}/images/deno`, { recursive: true });
  const { deno, denort } = compilerRuntime!;
  await Deno.copyFile(deno, `${work}/images/deno/deno`);
  const images = Object.fromEntries(stages.map(({ image }) => [
    image,
    image.startsWith("denoland/deno:bin-") ? `${work}/images/deno` : debianRoot!,
  ]));
  const certificates = "/etc/ssl/certs/ca-certificates.crt";
  const compiler = `${work}/cc`;
  await Deno.writeTextFile(compiler, FAST_COMPILER, { mode: 0o755 });
  return {
    context,
    work,
    images,
    files: {
      "/etc/resolv.conf": "/etc/resolv.conf",
      "/run/denort": denort,
      "/run/certificates": certificates,
      "/usr/local/bin/cc": compiler,
    },
    env: { DENORT_BIN: "/run/denort", DENO_CERT: "/run/certificates", DENO_NO_UPDATE_CHECK: "1" },
  };
}

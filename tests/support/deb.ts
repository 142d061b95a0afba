/**
 * The Debian package in a temporary folder, and a root to install it into with dpkg: with a shell, and with stubs that
 * record how the package calls systemd. The machine itself is not changed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { buildDeb, type DebOptions } from "../../tasks/deb.ts";
import { copyInto, librariesOf } from "./bare_machine.ts";

/** The result of a program. */
export interface Ran {
  readonly code: number;
  readonly text: string;
}

/** Runs a program and joins its outputs. */
export async function run(program: string, ...args: string[]): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
    env: { LC_ALL: "C", TZ: "UTC" },
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Packages with a script instead of the gateway, unless told otherwise; removed at the end of the test. */
export class DebFolder implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "rafka-deb-" });

  async build(options: Partial<DebOptions> = {}): Promise<string> {
    const binary = `${this.path}/rafka`;
    await Deno.writeTextFile(binary, "#!/bin/sh\n");
    const licences = `${this.path}/licenses.txt`;
    await Deno.writeTextFile(licences, "as they are\n");
    return await buildDeb({
      binary,
      licences,
      target: "x86_64-unknown-linux-gnu",
      folder: this.path,
      time: new Date(1_700_000_000_000),
      level: 0,
      ...options,
    });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** Programs that the package's scripts may call. */
const TOOLS = ["/bin/sh", "/bin/rm"];
/** Stubs that record their calls. */
const NOTED = ["systemctl", "deb-systemd-invoke"];

/** A system to install into; removed at the end of the test. */
export class DebRoot implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "rafka-root-" });

  /** @param programs further programs of this machine, whose libraries the root needs */
  static async create(...programs: string[]): Promise<DebRoot> {
    const root = new DebRoot();
    for (const folder of ["var/lib/dpkg/info", "var/lib/dpkg/updates", "run/systemd/system"]) {
      await Deno.mkdir(`${root.path}/${folder}`, { recursive: true });
    }
    await root.write("/var/lib/dpkg/status", "");
    await root.write("/dev/null", ""); // a file suffices
    await root.write("/usr/bin/other", ""); // dpkg removes folders with the last file
    for (const tool of TOOLS) await copyInto(root.path, tool);
    for (const program of [...TOOLS, ...programs]) {
      for (const path of await librariesOf(program)) await copyInto(root.path, path);
    }
    for (const name of NOTED) {
      await root.write(`/usr/bin/${name}`, `#!/bin/sh\necho "${name} $*" >>/calls\n`);
      await Deno.chmod(`${root.path}/usr/bin/${name}`, 0o755);
    }
    return root;
  }

  /** Runs dpkg, which must succeed; returns its output. */
  async dpkg(...args: string[]): Promise<string> {
    const own = [
      `--root=${this.path}`,
      `--log=${this.path}/log`,
      "--force-depends",
      "--no-triggers",
    ];
    const { code, text } = await run("dpkg", ...own, ...args);
    assert.equal(code, 0, text);
    return text;
  }

  /** Calls of systemd by the package's scripts since the previous call. */
  async calls(): Promise<string[]> {
    const text = await Deno.readTextFile(`${this.path}/calls`).catch(() => "");
    await this.write("/calls", "");
    return text.trimEnd().split("\n").filter((line) => line !== "");
  }

  async write(path: string, text: string): Promise<void> {
    await Deno.mkdir(this.path + path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(this.path + path, text);
  }

  /** All paths except for those of dpkg and of the test's records. */
  async paths(): Promise<string[]> {
    const { text } = await run("find", this.path, "-mindepth", "1", "-printf", "/%P\\n");
    return text.trimEnd().split("\n").filter((path) => !/^\/(var|calls|log)\b/.test(path)).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

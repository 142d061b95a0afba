/**
 * The Debian package in a folder of its own, and a root that dpkg installs it into: with a shell, and with programs
 * that only note how the package calls systemd. Nothing of the machine is touched.
 *
 * @module
 */
import assert from "node:assert/strict";
import { buildDeb, type DebOptions } from "../../tasks/deb.ts";
import { copyInto, librariesOf } from "./bare_machine.ts";

/** How something that was run ended. */
export interface Ran {
  readonly code: number;
  readonly text: string;
}

/** Runs a program and joins what it wrote. */
export async function run(program: string, ...args: string[]): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
    env: { LC_ALL: "C", TZ: "UTC" },
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Packages with a script in place of the gateway, unless told otherwise; gone at the end of the test. */
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

/** What the package's scripts may call. */
const TOOLS = ["/bin/sh", "/bin/rm"];
/** Programs that only note that they were called. */
const NOTED = ["systemctl", "deb-systemd-invoke"];

/** A system to install into; gone at the end of the test. */
export class DebRoot implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "rafka-root-" });

  /** @param programs further ones of this machine, whose libraries the root shall have */
  static async create(...programs: string[]): Promise<DebRoot> {
    const root = new DebRoot();
    for (const folder of ["var/lib/dpkg/info", "var/lib/dpkg/updates", "run/systemd/system"]) {
      await Deno.mkdir(`${root.path}/${folder}`, { recursive: true });
    }
    await root.write("/var/lib/dpkg/status", "");
    await root.write("/dev/null", ""); // a file does, too
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

  /** Runs dpkg, which must succeed; what it said. */
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

  /** How the package's scripts have called systemd since the last time. */
  async calls(): Promise<string[]> {
    const text = await Deno.readTextFile(`${this.path}/calls`).catch(() => "");
    await this.write("/calls", "");
    return text.trimEnd().split("\n").filter((line) => line !== "");
  }

  async write(path: string, text: string): Promise<void> {
    await Deno.mkdir(this.path + path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(this.path + path, text);
  }

  /** All paths but those of dpkg's and the test's own notes. */
  async paths(): Promise<string[]> {
    const { text } = await run("find", this.path, "-mindepth", "1", "-printf", "/%P\\n");
    return text.trimEnd().split("\n").filter((path) => !/^\/(var|calls|log)\b/.test(path)).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

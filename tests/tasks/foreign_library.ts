/**
 * Opens a librdkafka for another processor in an emulator, by a small C program.
 *
 * @module
 */
import assert from "node:assert/strict";
import { crossArchitecture } from "../support/machine.ts";

const source = `
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
int main(int count, char **arguments) {
  void *library = dlopen(arguments[1], RTLD_NOW);
  if (!library) return fprintf(stderr, "%s\\n", dlerror()), 1;
  const char *(*version)(void) = dlsym(library, "rd_kafka_version_str");
  void *(*conf_new)(void) = dlsym(library, "rd_kafka_conf_new");
  int (*conf_get)(void *, const char *, char *, size_t *) = dlsym(library, "rd_kafka_conf_get");
  void *(*new)(int, void *, char *, size_t) = dlsym(library, "rd_kafka_new");
  void (*destroy)(void *) = dlsym(library, "rd_kafka_destroy");
  char features[512];
  size_t size = sizeof features;
  void *conf = conf_new();
  conf_get(conf, "builtin.features", features, &size);
  void *client = new(0, conf, NULL, 0);
  if (!client) return 2;
  destroy(client);
  printf("%s %s\\n", version(), features);
  return 0;
}
`;

/** What the library says about itself, after a client with its threads has come and gone. */
export async function runForeign(
  library: string,
): Promise<{ version: string; features: string[] }> {
  const folder = await Deno.makeTempDir({ prefix: "rafka-" });
  try {
    await Deno.writeTextFile(`${folder}/probe.c`, source);
    const probe = `${folder}/probe`;
    await run(`${crossArchitecture}-linux-gnu-gcc`, "-o", probe, `${probe}.c`);
    const output = await run(
      "timeout",
      "-k1",
      "60",
      `qemu-${crossArchitecture}-static`,
      probe,
      library,
    );
    const [version, features] = output.trim().split(" ");
    return { version: version!, features: features!.split(",") };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(command: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/**
 * The targets that Rafka is compiled for, with their names in each tool.
 *
 * @module
 */

/** A target. */
export interface Machine {
  /** Deno's and Rust's name. */
  readonly triple: string;
  /** The name in Rafka's files. */
  readonly name: string;
  /** Debian's name. */
  readonly debian: string;
  /** Prefix of the cross compiler's tools. */
  readonly tools: string;
  /** `e_machine` in the head of an executable, elf(5). */
  readonly elfMachine: number;
}

/** Finds the target that `text` names, by Deno's or Rafka's name. */
export function findMachine(text: string): Machine | undefined {
  return machines.find(({ triple, name }) => text === triple || text === name);
}

/** All targets. */
export const machines: readonly Machine[] = [
  {
    triple: "x86_64-unknown-linux-gnu",
    name: "x64",
    debian: "amd64",
    tools: "x86_64-linux-gnu-",
    elfMachine: 62,
  },
  {
    triple: "aarch64-unknown-linux-gnu",
    name: "arm64",
    debian: "arm64",
    tools: "aarch64-linux-gnu-",
    elfMachine: 183,
  },
];

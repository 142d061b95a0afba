/**
 * The kinds of machines that Rafka is compiled for, and what everybody calls them.
 *
 * @module
 */

/** A kind of machine. */
export interface Machine {
  /** As Deno and Rust call it. */
  readonly triple: string;
  /** As it is called in the names of our files. */
  readonly name: string;
  /** As Debian calls it. */
  readonly debian: string;
  /** Before the names of the cross compiler's tools. */
  readonly tools: string;
  /** `e_machine` in the head of an executable, elf(5). */
  readonly elfMachine: number;
}

/** The machine that `text` names, as Deno calls it or as we do. */
export function findMachine(text: string): Machine | undefined {
  return machines.find(({ triple, name }) => text === triple || text === name);
}

/** All of them. */
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

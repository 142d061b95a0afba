/**
 * One run of load/pop.c: a connection that pops as fast as it can.
 *
 * @module
 */
import { Clocked } from "./clocked.ts";
import { pop } from "./tools.ts";

/** What it is to do. */
export interface PopOptions {
  readonly count: number;
  /** Requests that wait for their replies. */
  readonly inFlight: number;
  /** For CLIENT SETNAME, or `-`. */
  readonly name: string;
  readonly command: readonly string[];
}

/** Connects and waits for the first message. */
export async function startPop(port: number, options: PopOptions): Promise<Clocked> {
  const { count, inFlight, name, command } = options;
  return await Clocked.start(await pop(), [port, count, inFlight, name, ...command]);
}

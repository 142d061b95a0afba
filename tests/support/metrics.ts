/**
 * What a gateway says at /metrics.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestGateway } from "./gateway.ts";
import { get } from "./http.ts";

/** A scrape of a gateway with an HTTP port. */
export async function scrape(
  gateway: TestGateway,
  headers: Record<string, string> = {},
): Promise<string> {
  const { status, body } = await get(gateway.rafka.httpPort!, "/metrics", headers);
  assert.equal(status, 200);
  return body;
}

/** The value of a sample in a scrape, NaN without one. */
export function value(text: string, sample: string): number {
  const line = text.split("\n").find((one) => one.startsWith(`${sample} `));
  return Number(line?.slice(sample.length + 1) ?? NaN);
}

/** The value of a sample now. */
export async function valueNow(gateway: TestGateway, sample: string): Promise<number> {
  return value(await scrape(gateway), sample);
}

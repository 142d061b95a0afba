/**
 * Guesses of passwords: whom they delay, and whom not.
 *
 * @module
 */
import assert from "node:assert/strict";
import { LoginThrottle } from "../../src/auth/login_throttle.ts";

const encoder = new TextEncoder();

/** Guesses at one moment; how long the last one waits. */
function guess(
  throttle: LoginThrottle,
  address: string,
  name: string,
  { times = 1, nowMs = 0, seed = "" }: { times?: number; nowMs?: number; seed?: string } = {},
): number | undefined {
  let waitMs: number | undefined;
  for (let at = 0; at < times; at++) {
    const attempt = throttle.begin(address, name, encoder.encode(`${seed}${at}`), nowMs);
    throttle.failed(attempt);
    waitMs = attempt.waitMs;
  }
  return waitMs;
}

Deno.test("24: twenty guesses are free, the next stand in line, behind 5 seconds they are refused", () => {
  const throttle = new LoginThrottle(100);
  assert.equal(guess(throttle, "10.0.0.1:1", "red", { times: 20 }), 0);
  assert.equal(guess(throttle, "10.0.0.1:2", "red", { seed: "a" }), 500);
  assert.equal(guess(throttle, "10.0.0.1:3", "red", { seed: "b" }), 1_000);
  assert.equal(guess(throttle, "10.0.0.1:4", "red", { times: 8, seed: "c" }), 5_000);
  assert.equal(guess(throttle, "10.0.0.1:5", "red", { seed: "d" }), undefined);
  assert.equal(guess(throttle, "10.0.0.1:6", "red", { seed: "e", nowMs: 1_000 }), 4_500);
  assert.equal(guess(throttle, "10.0.0.1:7", "red", { seed: "f", nowMs: 60_000 }), 0);
});

Deno.test("24: another user of the address, and another address, are not delayed", () => {
  const throttle = new LoginThrottle(100);
  guess(throttle, "10.0.0.1:1", "red", { times: 100 });
  assert.equal(guess(throttle, "10.0.0.1:2", "blue"), 0);
  assert.equal(guess(throttle, "10.0.0.2:1", "red"), 0);
  guess(throttle, "[2001:db8:0:1::5]:1", "red", { times: 100 });
  assert.equal(guess(throttle, "[2001:db8:0:1:ffff::9]:1", "red", { seed: "a" }), undefined);
  assert.equal(guess(throttle, "[2001:db8::1:0:0:0:9]:1", "red", { seed: "b" }), undefined);
  assert.equal(guess(throttle, "[2001:db8:0:2::5]:1", "red"), 0);
  assert.equal(guess(throttle, "[::ffff:10.0.0.1]:1", "red", { seed: "c" }), undefined);
});

Deno.test("24: right passwords, and the same wrong one again, take nothing", () => {
  const throttle = new LoginThrottle(100);
  const same = encoder.encode("outdated");
  for (let times = 0; times < 1_000; times++) {
    throttle.failed(throttle.begin("10.0.0.1:1", "red", same, 0));
    const right = throttle.begin("10.0.0.1:1", "red", encoder.encode("right"), 0);
    assert.equal(right.waitMs, 0);
    throttle.succeeded(right);
  }
  assert.equal(guess(throttle, "10.0.0.1:1", "red", { times: 19 }), 0);
  assert.equal(guess(throttle, "10.0.0.1:1", "red", { seed: "a" }), 500);
});

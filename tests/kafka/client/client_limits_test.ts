/**
 * How many clients there may be, from limits of threads and the number of brokers.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Library, libraryCandidates, openLibrary } from "../../../src/ffi/library.ts";
import { ClientLimits, type ClientLimitSettings } from "../../../src/kafka/client/client_limits.ts";

/** For a machine that allows `threads`, of which so many are used at the start. */
class Machine {
  readonly library: Library = openLibrary(libraryCandidates(undefined));
  readonly limits: ClientLimits;
  used = 20;

  constructor(threads: number, settings: Partial<ClientLimitSettings> = {}) {
    const all = {
      maxConsumers: 0,
      maxProducers: 0,
      sharedProducer: false,
      bootstrapServers: 1,
      ...settings,
    };
    const name = "pids.max";
    const limit = { name, value: threads, threads, used: (): number => this.used };
    this.limits = new ClientLimits(this.library, all, [limit]);
  }
}

Deno.test("Consumers and producers share what is left of the threads; brokers cost each of them one", () => {
  const { limits } = new Machine(1_000);
  const before = limits.maxConsumers;
  limits.brokers = 3; // (1,000 - 20 - 48) / (3 + 1 + 3) - 1
  assert.deepEqual([limits.maxConsumers, limits.maxProducers], [66, 66]);
  assert.ok(before < 66, "nobody knows yet how many brokers there are");
  limits.brokers = 6;
  assert.deepEqual([limits.maxConsumers, limits.maxProducers], [46, 46]);
});

Deno.test("Who sets one of the two leaves the rest to the other", () => {
  const { limits: consuming } = new Machine(1_000, { maxConsumers: 120 });
  consuming.brokers = 3;
  assert.deepEqual([consuming.maxConsumers, consuming.maxProducers], [120, 12]);
  const { limits: producing } = new Machine(1_000, { maxProducers: 120 });
  producing.brokers = 3;
  assert.deepEqual([producing.maxConsumers, producing.maxProducers], [12, 120]);
});

Deno.test("A shared producer leaves nearly all to consumers", () => {
  const { limits } = new Machine(1_000, { sharedProducer: true });
  limits.brokers = 3;
  assert.equal(limits.maxConsumers, 129);
  assert.equal(limits.producerRefusal(1_000), undefined);
});

Deno.test("However much is set, threads that the machine does not have are not used", () => {
  const { limits, library } = new Machine(1_000, { maxConsumers: 10_000 });
  limits.brokers = 3;
  library.handles.clients.consumer = 100;
  assert.equal(limits.consumerRefusal, undefined);
  library.handles.clients.consumer = 140;
  assert.match(limits.consumerRefusal!.message, /no room for more.*pids\.max is 1000/);
});

Deno.test("Threads of others count as soon as they are there", () => {
  const machine = new Machine(1_000);
  machine.limits.brokers = 3;
  assert.equal(machine.limits.consumerRefusal, undefined);
  assert.equal(machine.limits.producerRefusal(0), undefined);
  machine.used = 980;
  assert.match(machine.limits.consumerRefusal!.message, /pids\.max is 1000/);
  assert.match(machine.limits.producerRefusal(0)!.message, /pids\.max is 1000/);
});

Deno.test("Where no limit is known there is none but what is set", () => {
  const library = openLibrary(libraryCandidates(undefined));
  const settings = { maxConsumers: 5, maxProducers: 0, sharedProducer: false, bootstrapServers: 1 };
  const limits = new ClientLimits(library, settings, []);
  assert.deepEqual([limits.maxConsumers, limits.maxProducers], [5, Infinity]);
  assert.equal(limits.producerRefusal(1_000_000), undefined);
  library.handles.clients.consumer = 5;
  assert.match(
    limits.consumerRefusal!.message,
    /there are 5 consumers.*server\.maxConsumers allows: 5$/,
  );
});

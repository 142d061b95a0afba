/**
 * A collection with members that come and go: their order, whoever leaves.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Chain } from "../../src/async/chain.ts";

for (const [leaving, left] of [["a", "bcd"], ["c", "abd"], ["d", "abc"], ["abcd", ""]] as const) {
  Deno.test(`Without ${leaving}, the others are in the order of their arrival`, () => {
    const chain = new Chain<string>();
    const links = new Map([..."abcd"].map((one) => [one, chain.add(one)]));
    for (const one of leaving) chain.remove(links.get(one)!);
    chain.add("e");
    assert.equal([...chain].join(""), `${left}e`);
    assert.equal(chain.size, left.length + 1);
  });
}

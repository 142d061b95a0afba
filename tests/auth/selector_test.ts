/**
 * Rules of commands and keys: what they allow, and how they are written.
 *
 * @module
 */
import assert from "node:assert/strict";
import { RightCatalog } from "../../src/auth/rights.ts";
import { RuleError, Selector } from "../../src/auth/selector.ts";

const catalog = new RightCatalog([
  { name: "get", categories: ["read", "string", "fast"] },
  { name: "set", categories: ["write", "string", "slow"] },
  { name: "client", categories: ["slow", "connection"] },
  { name: "client|list", categories: ["slow", "connection", "admin"] },
  { name: "client|kill", categories: ["slow", "connection", "admin"] },
  { name: "consumer-settings", categories: ["dangerous"] },
]);

/** Rules, what they are written as, and what they allow. */
const ROWS: readonly [rules: string, commands: string, allowed: string][] = [
  ["", "-@all", ""],
  ["+get", "-@all +get", "get"],
  ["+GET", "-@all +get", "get"],
  ["+get -get", "-@all", ""],
  ["+get +get", "-@all +get", "get"],
  ["+@string -set", "-@all +@string -set", "get"],
  ["-set +@string", "-@all +@string", "get set"],
  ["+@string +get", "-@all +@string", "get set"],
  ["+client", "-@all +client", "client client|list client|kill"],
  ["+client -client|kill", "-@all +client -client|kill", "client client|list"],
  ["-client|kill +client", "-@all +client", "client client|list client|kill"],
  ["+client -client +client|list", "-@all +client|list", "client|list"],
  ["+@connection -@admin", "-@all +@connection -@admin", "client"],
  ["+@all -get", "+@all -get", "set client client|list client|kill consumer-settings"],
  ["+get +@all", "+@all", "get set client client|list client|kill consumer-settings"],
  ["allcommands nocommands +set", "-@all +set", "set"],
  ["+@dangerous", "-@all +@dangerous", "consumer-settings"],
];

for (const [rules, commands, allowed] of ROWS) {
  Deno.test(`"${rules}" is ${commands}`, () => {
    const selector = withRules(rules);
    assert.equal(selector.commands, commands);
    assert.equal(catalog.names.filter((name) => selector.mayRun(name)).join(" "), allowed);
    const again = withRules(commands); // what is written can be read
    assert.deepEqual(catalog.names.filter((name) => again.mayRun(name)).join(" "), allowed);
  });
}

Deno.test("a key may be read, written or asked about as its patterns say; two make both", () => {
  const selector = withRules("%R~topics:r* %W~topics:w* ~topics:both %R~topics:two %W~topics:two");
  const may = (key: string): string =>
    [
      selector.mayUse({ key, read: true, write: false }) && "R",
      selector.mayUse({ key, read: false, write: true }) && "W",
      selector.mayUse({ key, read: true, write: true }) && "RW",
      selector.mayUse({ key, read: false, write: false }) && "?",
    ].filter((one) => one).join(" ");
  assert.equal(may("topics:r1"), "R ?");
  assert.equal(may("topics:w1"), "W ?");
  assert.equal(may("topics:both"), "R W RW ?");
  assert.equal(may("topics:two"), "R W RW ?");
  assert.equal(may("topics:other"), "");
  assert.equal(may("Topics:r1"), "");
  assert.equal(may(`topics:r${"1".repeat(5_000)}`), "");
  assert.equal(selector.keys, "%R~topics:r* %W~topics:w* ~topics:both ~topics:two");
});

Deno.test("every key of a prefix may be read with a pattern that obviously matches each", () => {
  const covers = (pattern: string): boolean =>
    withRules(pattern).mayUse({ key: "topics:", read: true, write: false, isPrefix: true });
  for (const pattern of ["~*", "allkeys", "%R~*", "~topics:*", "~t*", "%RW~topics*"]) {
    assert.ok(covers(pattern), pattern);
  }
  for (
    const pattern of [
      "%W~*",
      "~topics:a*",
      "~topics:?*",
      "~topics:[a-z]*",
      "~topics:",
      "~**x",
      "~\\**",
    ]
  ) {
    assert.ok(!covers(pattern), pattern);
  }
});

Deno.test("wrong rules are errors", () => {
  for (
    const [rule, why] of [
      ["+nosuch", /^Unknown command or category name in ACL$/],
      ["+@nosuch", /^Unknown command/],
      ["-client|nosuch", /^Unknown command/],
      ["%X~a", /^Syntax error$/],
      ["~a b", /^Syntax error$/],
      ["&a b", /^Syntax error$/],
      [`~${"a".repeat(3_000)}`, /at most 2100 characters/],
    ] as const
  ) {
    assert.throws(
      () => new Selector(catalog).apply(rule),
      (error) => error instanceof RuleError && why.test(error.message),
      rule,
    );
  }
  assert.equal(new Selector(catalog).apply("word"), false);
  assert.throws(() => withRules("~* ~a"), /Try 'resetkeys'/);
  assert.throws(() => withRules("&* &a"), /Try 'resetchannels'/);
});

function withRules(rules: string): Selector {
  const selector = new Selector(catalog);
  for (const rule of rules.split(" ").filter((word) => word !== "")) {
    assert.ok(selector.apply(rule), rule);
  }
  return selector;
}

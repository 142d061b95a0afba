/**
 * Rules that make topics of keys: the array `keys` in the section `server`.
 *
 * @module
 */

import * as z from "zod";
import { isTopicName, TOPIC_NAME_RULE } from "../kafka/client/topic_name.ts";
import { anObject } from "./setting_types.ts";

/** Each key of a client is compared with each rule. */
const MAX_RULES = 1_000;
/** As many as `$1` to `$9` can name. */
const MAX_STARS = 9;
/** The longest name of a topic with a prefix before it. */
const MAX_MATCH_CHARACTERS = 512;
/** What a key with these names is for, whatever the rules say. */
const RESERVED = ["acks", "stats"];

const match = z.string({ error: "must be a key, or a pattern of keys" })
  .min(1, { error: "must not be empty" })
  .max(MAX_MATCH_CHARACTERS, { error: `must have at most ${MAX_MATCH_CHARACTERS} characters` })
  .refine((text) => !/[?[\]\\]/.test(text), {
    error: "? [ ] and \\ have no meaning in a pattern here, only * has: any number of characters",
  })
  .refine((text) => starsIn(text) <= MAX_STARS, { error: `may have ${MAX_STARS} * at most` })
  .refine((text) => !text.includes("**"), { error: "one * is enough for any number of characters" })
  .refine((text) => !/^topics?:/.test(text), {
    error: "a key that begins with topics: or topic: names its topic, no rule is asked for it",
  })
  .refine((text) => !RESERVED.includes(text.toLowerCase()), {
    error: `${RESERVED.join(" and ")} are keys of Rafka's own`,
  });

const aName = "must be a name of 1 to 255 characters";

/**
 * A rule: what each key means, what is allowed, its default.
 *
 * @ignore its type is zod's
 */
export const keyRule = z.strictObject({
  match: match.describe(
    "the key, or a pattern of keys: `*` stands for any number of characters",
  ),
  topic: z.string({ error: "must be the name of a topic" }).describe(
    "the topic, with `$1` for what the first `*` stands for, up to `$9`",
  ),
  valueField: z.string({ error: aName }).regex(/^[\x20-\x7e]{1,255}$/, {
    error: "must be a name of ASCII characters",
  }).optional().describe(
    "the field of an entry of XADD that is the value of its message; without it " +
      "`server.streams.valueFields` decides",
  ),
  group: z.string({ error: aName }).min(1, { error: aName }).max(255, { error: aName }).optional()
    .describe(
      "the consumer group of connections without a name `<group>:<name>` that pop messages",
    ),
  type: z.enum(["list", "stream"]).default("list").describe(
    "what TYPE returns for the key, and SCAN with TYPE",
  ),
}, anObject).superRefine(({ match, topic }, context) => {
  const stars = starsIn(match);
  const refuse = (message: string): void =>
    context.addIssue({ code: "custom", path: ["topic"], message });
  const beyond = [...topic.matchAll(/\$(\d?)/g)].find(([, digit]) =>
    !(Number(digit) >= 1 && Number(digit) <= stars)
  );
  if (beyond) {
    return refuse(
      stars === 0
        ? `'${beyond[0]}' stands for nothing: match has no *`
        : `'${beyond[0]}' stands for nothing: match has ${stars} *, so there is ${
          stars === 1 ? "$1" : `$1 to $${stars}`
        }`,
    );
  }
  const shortest = topic.replaceAll(/\$\d/g, "");
  if (!isTopicName(topic.replaceAll(/\$\d/g, "x")) || shortest.length > 249) {
    refuse(`is no name of a topic: allowed are ${TOPIC_NAME_RULE}`);
  }
});

/** The keys of a rule. */
export const keyRuleNames: readonly string[] = Object.keys(keyRule.shape);

/**
 * The array `keys`.
 *
 * @ignore its type is zod's
 */
export const keysSection = z.array(keyRule, { error: "must be an array of rules" })
  .max(MAX_RULES, { error: `must have at most ${MAX_RULES} rules` }).default([]).describe(
    "keys that stand for topics, the first rule that matches counts: " +
      '`{"match": "logs:*", "topic": "logs.$1"}`, see [`server.keys`](#serverkeys)',
  );

/**
 * A rule that makes a topic of keys.
 *
 * @ignore inferred from the schema
 */
export type KeyRule = Readonly<z.infer<typeof keyRule>>;

/** The keys of a rule: what each means, and its default if it has one. */
export const keyRuleKeys: readonly {
  readonly key: string;
  /** Undefined without one. */
  readonly defaultValue: unknown;
  /** In Markdown. */
  readonly description: string;
}[] = Object.entries(keyRule.shape).map(([key, { description, def }]) => ({
  key,
  defaultValue: "defaultValue" in def ? def.defaultValue : undefined,
  description: description!,
}));

function starsIn(text: string): number {
  return text.split("*").length - 1;
}

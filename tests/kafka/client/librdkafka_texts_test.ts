/**
 * The texts of librdkafka that Rafka reads, as its source has them: another version may say it in another way, and
 * nothing else would notice.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  brokerFailureIn,
  failedSettingIn,
  isGroupRefusal,
  leaveFailureIn,
  offsetResetIn,
  recreatedIn,
  unavailableTopicIn,
} from "../../../src/kafka/client/librdkafka_texts.ts";

const SOURCE = new URL(
  "../../../node_modules/node-rdkafka/deps/librdkafka/src/",
  import.meta.url,
);

/** What printf makes of each format, by the parts that it is given. */
interface Pin {
  readonly file: string;
  /** A format of the source, its literals joined. */
  readonly format: string;
  readonly parts: readonly string[];
  readonly read: (text: string) => void;
}

const AT = "offset 5 (leader epoch 1)";
const TO = "offset BEGINNING (leader epoch -1)";

const PINS: readonly Pin[] = [
  {
    file: "rdkafka.c",
    format: "[thrd:%s]: ",
    parts: ["ssl://[::1]:9092/bootstrap"],
    read: (text) =>
      assert.equal(brokerFailureIn("FAIL", `${text}[::1]:9092: refused`), "[::1]:9092: refused"),
  },
  {
    file: "rdkafka_cgrp.c",
    format: "Subscribed topic not available",
    parts: [],
    read: (text) => assert.equal(unavailableTopicIn(`${text}: a.b-c_d: Unknown topic`), "a.b-c_d"),
  },
  {
    file: "rdkafka_cgrp.c",
    format: "%s: %s: %s",
    parts: ["Subscribed topic not available", "t", "Broker: Unknown topic or partition"],
    read: (text) => assert.equal(unavailableTopicIn(text), "t"),
  },
  {
    file: "rdkafka_cgrp.c",
    format: "JoinGroup failed: %s",
    parts: ["Broker: Group authorization failed"],
    read: (text) => assert.ok(isGroupRefusal(text)),
  },
  {
    file: "rdkafka_cgrp.c",
    format: "FindCoordinator response error: %s",
    parts: ["Broker: Group authorization failed"],
    read: (text) => assert.ok(isGroupRefusal(text)),
  },
  {
    file: "rdkafka_offset.c",
    format: "%s [%d]: offset reset (at %s, broker %d) to %s%s: %s: %s",
    parts: ["t", "3", AT, "1", "", TO, "fetch failed", "Broker: Offset out of range"],
    read: (text) =>
      assert.deepEqual(offsetResetIn("OFFSET", `[thrd:main]: ${text}`), {
        topic: "t",
        partition: 3,
        from: 5n,
        toEnd: false,
        reason: "fetch failed: Broker: Offset out of range",
      }),
  },
  {
    file: "../../../../../tasks/native/recreated_topics.c",
    format: "%s [%d]: deleted and created again, it was read up to %d",
    parts: ["t", "3", "20"],
    read: (text) => assert.deepEqual(recreatedIn(text), { topic: "t", partition: 3, readTo: 20n }),
  },
  {
    file: "rdkafka_cgrp.c",
    format: "LeaveGroup response error in state %s: %s",
    parts: ["up", "Broker: Not coordinator"],
    read: (text) => assert.equal(leaveFailureIn("LEAVEGROUP", text), "Not coordinator"),
  },
  {
    file: "rdkafka_cgrp.c",
    format: "LeaveGroup response error in state %s: %s",
    parts: ["up", "Broker: Unknown member"],
    read: (text) => assert.equal(leaveFailureIn("LEAVEGROUP", text), undefined),
  },
  {
    file: "rdkafka_cgrp.c",
    format: "LeaveGroup response received in state %s",
    parts: ["up"],
    read: (text) => assert.equal(leaveFailureIn("LEAVEGROUP", text), undefined),
  },
  {
    file: "rdkafka.c",
    format: "Broker: Unknown member",
    parts: [],
    read: () => {},
  },
  {
    file: "rdkafka_broker.c",
    format: "Timed out %sRequest %s (after %dms, timeout #%d)%s",
    parts: ["LeaveGroup", "in flight", "5000", "0", ""],
    read: (text) => assert.equal(leaveFailureIn("REQTMOUT", text), "Kafka did not answer in time"),
  },
  ...["ssl.ca.location", "ssl.crl.location", "ssl.certificate.location", "ssl.key.location"].map(
    (name) => ({
      file: "rdkafka_ssl.c",
      format: `${name} failed: `,
      parts: [],
      read: (text: string) => assert.equal(failedSettingIn(text, ["acks", name]), name),
    }),
  ),
];

for (const { file, format, parts, read } of PINS) {
  Deno.test(`${file} says ${JSON.stringify(format)}, which is understood (${parts})`, async () => {
    const text = joinedLiterals(await Deno.readTextFile(new URL(file, SOURCE)));
    assert.ok(text.includes(`"${format}"`), `${file} does not say it any more`);
    let at = 0;
    read(format.replaceAll(/%[sd]/g, () => parts[at++]!));
  });
}

Deno.test("what librdkafka says of something else is not taken for it", () => {
  assert.equal(brokerFailureIn("BROKERFAIL", "[thrd:main]: x"), undefined);
  assert.equal(unavailableTopicIn("Broker: Unknown topic or partition"), undefined);
  assert.equal(isGroupRefusal("Broker: Group authorization failed"), false);
  assert.equal(offsetResetIn("FETCH", "[thrd:main]: t [3]: offset reset"), undefined);
  assert.equal(recreatedIn("Broker: Unknown topic id"), undefined);
  assert.equal(leaveFailureIn("REQTMOUT", "Timed out FetchRequest in flight"), undefined);
  assert.equal(failedSettingIn("ssl.key.pem failed: x", ["ssl.key.location"]), undefined);
});

/** C source in which literals that are beside each other are one, and its formats for integers are `%d`. */
function joinedLiterals(source: string): string {
  return source.replaceAll(/%" PRI[du]\d+\s*("?)/g, (_, more) => more ? "%d" : '%d"').replaceAll(
    /%i/g,
    "%d",
  )
    .replaceAll(/"\s+"/g, "");
}

/**
 * Names that a topic may have (org.apache.kafka.common.internals.Topic). librdkafka takes any name, and the broker
 * refuses it when the message has been accepted already: names are checked before.
 *
 * @module
 */

const LEGAL = /^[a-zA-Z0-9._-]{1,249}$/;

/** The rule of `isTopicName`, for error messages. */
export const TOPIC_NAME_RULE = "1 to 249 of the characters a-z A-Z 0-9 . _ -";

/** Whether Kafka allows a topic of this name. */
export function isTopicName(name: string): boolean {
  return LEGAL.test(name) && name !== "." && name !== "..";
}

/** Internal topics of Kafka and of tools beside it; as librdkafka's `topic.blacklist` reads it. */
export const INTERNAL_TOPICS = "^__";

/** Whether it is an internal topic, or a regular expression that matches only such. */
export function isInternalTopic(name: string): boolean {
  return name.startsWith("__") || name.startsWith(INTERNAL_TOPICS);
}

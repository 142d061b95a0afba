/**
 * Which names a topic may have (org.apache.kafka.common.internals.Topic). librdkafka takes any name and the
 * broker refuses it later, when the message has been accepted already: so it is checked before.
 *
 * @module
 */

const LEGAL = /^[a-zA-Z0-9._-]{1,249}$/;

/** What `isTopicName` allows, for error messages. */
export const TOPIC_NAME_RULE = "1 to 249 of the characters a-z A-Z 0-9 . _ -";

/** Whether Kafka allows a topic of this name. */
export function isTopicName(name: string): boolean {
  return LEGAL.test(name) && name !== "." && name !== "..";
}

/** Topics that Kafka, or what runs beside it, has for itself; as librdkafka's `topic.blacklist` reads it. */
export const INTERNAL_TOPICS = "^__";

/** Whether it is a topic of Kafka's own, or a regular expression that matches no others. */
export function isInternalTopic(name: string): boolean {
  return name.startsWith("__") || name.startsWith(INTERNAL_TOPICS);
}

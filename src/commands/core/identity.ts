/**
 * The name of a consuming connection: its group and itself.
 *
 * @module
 */

/** Who a consuming connection is. */
export interface Identity {
  /** Kafka's `group.id`. */
  readonly groupId: string;
  /** Kafka's `client.id`, the name within the group. */
  readonly clientId: string;
}

/** Parses `<group.id>:<name>`; undefined for a name of another form. */
export function parseIdentity(name: string): Identity | undefined {
  const colon = name.indexOf(":");
  if (colon <= 0) return undefined;
  return { groupId: name.slice(0, colon), clientId: name.slice(colon + 1) };
}

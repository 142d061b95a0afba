/**
 * Settings that are a login to Kafka: a user name with its password, a certificate with its key.
 *
 * @module
 */

import type { KafkaSettings } from "./conf.ts";

/** What belongs together: a part of one login is of no use with parts of another. */
const LOGINS: readonly RegExp[] = [
  /^sasl\.(username|password)$/,
  /^sasl\.oauthbearer\.(config|scope|extensions|client\..+|assertion\..+)$/,
  /^sasl\.kerberos\.(principal|keytab|kinit\.cmd)$/,
  /^ssl[._](certificate|key|keystore)([._]|$)/,
];

/** Whether clients with these settings log in to Kafka, or show it a certificate. */
export function haveLogin(settings: KafkaSettings): boolean {
  return Object.keys(settings).some((name) => LOGINS.some((login) => login.test(name)));
}

/**
 * Settings with others above them. Where those have a part of a login, nothing is left of the login below.
 *
 * @param own the ones above; they come last, so that they win against another name of the same setting
 */
export function overlaid(settings: KafkaSettings, own: KafkaSettings): KafkaSettings {
  const replaced = LOGINS.filter((login) => Object.keys(own).some((name) => login.test(name)));
  const below = Object.entries(settings).filter(([name]) =>
    !Object.hasOwn(own, name) && !replaced.some((login) => login.test(name))
  );
  return { ...Object.fromEntries(below), ...own };
}

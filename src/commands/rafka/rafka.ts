/**
 * RAFKA: commands that no Redis has. They show and administer Kafka's topics, groups and brokers, read messages without a
 * group, list messages that could not be delivered, and give messages back.
 *
 * @module
 */

import type { Command } from "../core/command.ts";
import { container } from "../core/container.ts";
import { brokersCommand } from "./rafka_brokers.ts";
import { nackCommand } from "./give_back.ts";
import { groupChangeCommands } from "./group_changes.ts";
import { lagCommand } from "./rafka_lag.ts";
import { errorsCommand } from "./rafka_errors.ts";
import { groupViewCommands } from "./rafka_groups.ts";
import { readCommand } from "./rafka_read.ts";
import { topicChangeCommands } from "./topic_changes.ts";
import { topicViewCommands } from "./rafka_topics.ts";

/** RAFKA and its subcommands */
export const rafkaCommands: readonly Command[] = [
  container("RAFKA", "server", "A container for commands that no Redis has", [
    ...topicViewCommands,
    ...topicChangeCommands,
    readCommand,
    ...groupViewCommands,
    lagCommand,
    ...groupChangeCommands,
    brokersCommand,
    errorsCommand,
    nackCommand,
  ]),
];

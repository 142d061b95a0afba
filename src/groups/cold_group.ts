/**
 * A group that Kafka has and this gateway is no member of: what can be said of it without joining.
 *
 * @module
 */

import type { Message } from "../kafka/client/message.ts";
import { groupEnded } from "../kafka/consumer/group_errors.ts";
import type { GroupOffsets } from "./group_offsets.ts";
import { type GroupReport, type ReportedGroup, reportOn } from "./group_report.ts";
import type { GroupHost } from "./stream_group.ts";
import type { RecordPlace } from "../streams/stream_id.ts";

/** A group elsewhere. */
export class ColdGroup implements GroupHost {
  readonly name: string;
  readonly #offsets: GroupOffsets;
  readonly #readAgain: GroupHost["readAgain"];

  /** The group with this name. */
  constructor(name: string, offsets: GroupOffsets, readAgain: GroupHost["readAgain"]) {
    this.name = name;
    this.#offsets = offsets;
    this.#readAgain = readAgain;
  }

  /** It gives no entries. */
  throwError(): void {
    throw groupEnded(this.name);
  }

  delivered(): void {}

  acked(): void {}

  readAgain(topic: string, places: readonly RecordPlace[]): Promise<(Message | undefined)[]> {
    return this.#readAgain(topic, places);
  }

  lowOffset(): number {
    return 0;
  }

  endOffset(): undefined {}

  skipMarkers(): void {}

  report(group: ReportedGroup): Promise<GroupReport> {
    return reportOn(group, this.#offsets, (places) => this.readAgain(group.topic, places));
  }
}

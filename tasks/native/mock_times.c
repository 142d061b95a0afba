/*
 * Offsets by time in the mock cluster, as Kafka has them: that of the first message from a time on. In a compressed batch
 * it is the first offset of the batch: it may begin with older messages, and none is passed over.
 */
#include "rd.h"
#include "rdkafka_int.h"
#include "rdkafka_mock_int.h"

/* Positions in a record batch of version 2 */
#define RAFKA_BATCH_ATTRIBUTES     21
#define RAFKA_BATCH_BASE_TIMESTAMP 27
#define RAFKA_BATCH_MAX_TIMESTAMP  35
#define RAFKA_BATCH_RECORDS        61
#define RAFKA_COMPRESSION          0x7

static int64_t rafka_int64_at(const char *bytes) {
        int64_t value;
        memcpy(&value, bytes, sizeof(value));
        return be64toh(value);
}

/* A zigzag varint; moves `*at` behind it, or to NULL when it does not end before `end`. */
static int64_t rafka_varint(const char **at, const char *end) {
        uint64_t value = 0;
        int shift;
        for (shift = 0; *at && *at < end && shift < 64; shift += 7) {
                uint8_t byte = (uint8_t) * (*at)++;
                value |= (uint64_t)(byte & 0x7f) << shift;
                if (!(byte & 0x80))
                        return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
        }
        *at = NULL;
        return 0;
}

/* The first message of the batch from `timestamp` on; -1 if the batch can't be read so far. */
static int64_t rafka_offset_in_batch(const rd_kafka_mock_msgset_t *mset, int64_t timestamp, int64_t *found) {
        const char *bytes = mset->bytes.data, *end = bytes + RD_KAFKAP_BYTES_LEN(&mset->bytes);
        int64_t base = rafka_int64_at(bytes + RAFKA_BATCH_BASE_TIMESTAMP);
        const char *record = bytes + RAFKA_BATCH_RECORDS;

        while (record < end) {
                int64_t length   = rafka_varint(&record, end);
                const char *at   = record ? record + 1 /* attributes */ : NULL;
                int64_t time     = base + rafka_varint(&at, end);
                int64_t position = rafka_varint(&at, end);
                if (!at || length <= 0 || length > end - record)
                        return -1;
                if (time >= timestamp) {
                        *found = time;
                        return mset->first_offset + position;
                }
                record += length;
        }
        return -1;
}

/* The first message of the partition from `timestamp` on, whose own time is written to `found`; -1 for none. */
int64_t rafka_mock_offset_by_time(const rd_kafka_mock_partition_t *mpart, int64_t timestamp, int64_t *found) {
        const rd_kafka_mock_msgset_t *mset;

        TAILQ_FOREACH(mset, &mpart->msgsets, link) {
                const char *bytes = mset->bytes.data;
                int64_t offset    = -1;
                if (RD_KAFKAP_BYTES_LEN(&mset->bytes) < RAFKA_BATCH_RECORDS ||
                    rafka_int64_at(bytes + RAFKA_BATCH_MAX_TIMESTAMP) < timestamp)
                        continue;
                if (!(bytes[RAFKA_BATCH_ATTRIBUTES + 1] & RAFKA_COMPRESSION))
                        offset = rafka_offset_in_batch(mset, timestamp, found);
                if (offset != -1)
                        return offset;
                *found = rafka_int64_at(bytes + RAFKA_BATCH_BASE_TIMESTAMP);
                return mset->first_offset;
        }
        return -1;
}

/*
 * Messages packed into one block of memory, by functions of rdkafka.h alone: a call for each part of each message takes
 * several times as long as reading what is here. packed.h has the layout.
 */
#include "rd.h"
#include "rdkafka.h"
#include "rafka_packed.h"

static char *rafka_put(char *to, const void *bytes, size_t size) {
        if (size > 0)
                memcpy(to, bytes, size);
        return to + size;
}

/* The memory that the headers take. */
static size_t rafka_headers_size(const rd_kafka_headers_t *headers, int32_t *count) {
        const char *name;
        const void *value;
        size_t size, total = 0, at;
        for (at = 0; !rd_kafka_header_get_all(headers, at, &name, &value, &size); at++)
                total += 2 * sizeof(int32_t) + strlen(name) + (value ? size : 0);
        *count = (int32_t)at;
        return total;
}

static char *rafka_put_headers(char *to, const rd_kafka_headers_t *headers) {
        const char *name;
        const void *value;
        size_t size, at;
        for (at = 0; !rd_kafka_header_get_all(headers, at, &name, &value, &size); at++) {
                int32_t lengths[2];
                lengths[0] = (int32_t)strlen(name);
                lengths[1] = value ? (int32_t)size : -1;
                to         = rafka_put(to, lengths, sizeof(lengths));
                to         = rafka_put(to, name, lengths[0]);
                to         = rafka_put(to, value, value ? size : 0);
        }
        return to;
}

/* Packs a message if there is room; returns its size, also if there is none. */
static size_t rafka_pack(const rd_kafka_message_t *message, int with_metadata, char *to, size_t room) {
        struct rafka_packed_message head = {0};
        rd_kafka_headers_t *headers      = NULL;
        rd_kafka_timestamp_type_t type;
        rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR__NOENT;
        rd_bool_t has_key       = with_metadata && message->key && !message->err;
        size_t size             = sizeof(head) + (message->payload ? message->len : 0) +
                      (has_key ? message->key_len : 0);

        if (with_metadata && !message->err)
                err = rd_kafka_message_headers(message, &headers);
        if (!err)
                size += rafka_headers_size(headers, &head.header_count);
        else if (err != RD_KAFKA_RESP_ERR__NOENT)
                head.header_count = -1;
        size = (size + 7) & ~(size_t)7;
        if (size > room)
                return size;

        head.bytes          = (uint32_t)size;
        head.err            = message->err;
        head.partition      = message->partition;
        head.offset         = (double)message->offset;
        head.timestamp      = (double)rd_kafka_message_timestamp(message, &type);
        head.timestamp_type = type;
        head.rkt            = (uint64_t)(uintptr_t)message->rkt;
        head.value_bytes    = message->payload ? (int32_t)message->len : -1;
        head.key_bytes      = has_key ? (int32_t)message->key_len : -1;
        to                  = rafka_put(to, &head, sizeof(head));
        to                  = rafka_put(to, message->payload, message->payload ? message->len : 0);
        to                  = rafka_put(to, message->key, head.key_bytes > 0 ? head.key_bytes : 0);
        if (headers)
                rafka_put_headers(to, headers);
        return size;
}

/*
 * Packs messages into `buffer` one after the other, with key and headers if that is asked for, and destroys those that
 * it has packed.
 *
 * Returns how many; with 0 the first one does not fit, and *needed is its size.
 */
size_t rd_kafka_rafka_pack_messages(rd_kafka_message_t **messages,
                                    size_t count,
                                    int with_metadata,
                                    char *buffer,
                                    size_t size,
                                    size_t *needed) {
        size_t at, used = 0;
        for (at = 0; at < count; at++) {
                *needed = rafka_pack(messages[at], with_metadata, buffer + used, size - used);
                if (*needed > size - used)
                        break;
                used += *needed;
                rd_kafka_message_destroy(messages[at]);
        }
        return at;
}

/* Packs the next messages of a delivery report, at most `max`; returns how many. */
size_t rd_kafka_rafka_pack_reports(rd_kafka_event_t *event, struct rafka_packed_report *reports, size_t max) {
        size_t at;
        for (at = 0; at < max; at++) {
                const rd_kafka_message_t *message = rd_kafka_event_message_next(event);
                rd_kafka_timestamp_type_t type;
                uint64_t opaque;
                if (!message)
                        break;
                opaque                     = (uint64_t)(uintptr_t)message->_private;
                reports[at].opaque_low     = (uint32_t)opaque;
                reports[at].opaque_high    = (uint32_t)(opaque >> 32);
                reports[at].partition      = message->partition;
                reports[at].offset         = (double)message->offset;
                reports[at].timestamp      = (double)rd_kafka_message_timestamp(message, &type);
                reports[at].timestamp_type = type;
                reports[at].value_bytes    = (uint32_t)message->len;
                reports[at].key_bytes      = (uint32_t)message->key_len;
        }
        return at;
}

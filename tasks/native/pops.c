/*
 * Pops of many messages: they are taken up to a number of bytes, and what BLPOP replies with them is written here. A
 * message would be three objects in JavaScript, its reply four, and each byte of both copied twice.
 */
#include "rd.h"
#include "rdkafka_int.h"
#include "rdkafka_queue.h"
#include "rafka_pops.h"

/* The memory of a message beside its key and value: it matters for many small ones. */
#define RAFKA_MESSAGE_BYTES 100
/* Kafka's longest name of a topic. */
#define RAFKA_TOPIC_BYTES 249
/* The names around topic, partition and offset, with such a name. */
#define RAFKA_HEAD_BYTES (RAFKA_TOPIC_BYTES + 150)
/* A 64-bit number, twice, and the rest of a reply. */
#define RAFKA_TAIL_BYTES 80

/* How many bytes the present call still takes; 0 for any number. */
static RD_TLS size_t rafka_left_bytes = 0;

/* A message is taken: whether the call ends with it. */
rd_bool_t rafka_is_enough(const rd_kafka_message_t *message) {
        size_t bytes = RAFKA_MESSAGE_BYTES + message->len + message->key_len;
        if (rafka_left_bytes == 0)
                return rd_false;
        rafka_left_bytes = bytes < rafka_left_bytes ? rafka_left_bytes - bytes : 0;
        return rafka_left_bytes == 0;
}

/* Takes messages that are in the queue, at most `max`, and none when those before it have `enough` bytes. */
size_t rd_kafka_rafka_consume(rd_kafka_queue_t *queue, rd_kafka_message_t **messages, size_t max, size_t enough) {
        ssize_t count;
        rafka_left_bytes = enough;
        count            = rd_kafka_consume_batch_queue(queue, 0, messages, max);
        rafka_left_bytes = 0;
        return count > 0 ? (size_t)count : 0;
}

static char *rafka_text(char *to, const char *text, size_t size) {
        memcpy(to, text, size);
        return to + size;
}

#define RAFKA_TEXT(to, text) rafka_text(to, text, sizeof(text) - 1)

static char *rafka_number(char *to, uint64_t number) {
        char digits[20];
        size_t at = sizeof(digits);
        do
                digits[--at] = '0' + number % 10;
        while (number /= 10);
        return rafka_text(to, digits + at, sizeof(digits) - at);
}

/* The reply up to the offset, the same for all messages of a partition. */
static size_t rafka_write_head(char *to, const rd_kafka_message_t *message) {
        const char *topic = rd_kafka_topic_name(message->rkt);
        size_t length     = strlen(topic);
        char *end         = RAFKA_TEXT(to, "*8\r\n$5\r\ntopic\r\n$");
        end               = rafka_number(end, length);
        end               = RAFKA_TEXT(end, "\r\n");
        end               = rafka_text(end, topic, length);
        end               = RAFKA_TEXT(end, "\r\n$9\r\npartition\r\n:");
        end               = rafka_number(end, message->partition);
        end               = RAFKA_TEXT(end, "\r\n$6\r\noffset\r\n:");
        return end - to;
}

static char *rafka_write_reply(char *to, const char *head, size_t head_bytes, const rd_kafka_message_t *message) {
        to = rafka_text(to, head, head_bytes);
        to = rafka_number(to, message->offset);
        to = RAFKA_TEXT(to, "\r\n$5\r\nvalue\r\n$");
        to = rafka_number(to, message->len);
        to = RAFKA_TEXT(to, "\r\n");
        to = rafka_text(to, message->payload, message->len);
        return RAFKA_TEXT(to, "\r\n");
}

/* Errors have another reply, and null depends on the client's protocol. */
static rd_bool_t rafka_has_reply(const rd_kafka_message_t *message) {
        return !message->err && message->payload && message->rkt && message->offset >= 0;
}

/*
 * Writes the replies of messages into `buffer`, and destroys those messages: all from the first one on that are of one
 * partition and fit in.
 *
 * Returns how many; with 0 the first one does not fit, or it is one without such a reply.
 */
size_t rd_kafka_rafka_write_replies(rd_kafka_message_t **messages,
                                    size_t count,
                                    char *buffer,
                                    size_t size,
                                    struct rafka_reply_run *run) {
        char head[RAFKA_HEAD_BYTES], *end = buffer;
        size_t head_bytes, at;
        if (count == 0 || !rafka_has_reply(messages[0]) ||
            strlen(rd_kafka_topic_name(messages[0]->rkt)) > RAFKA_TOPIC_BYTES)
                return 0;
        head_bytes     = rafka_write_head(head, messages[0]);
        run->rkt       = (uint64_t)(uintptr_t)messages[0]->rkt;
        run->partition = messages[0]->partition;
        run->first     = (double)messages[0]->offset;
        run->last      = -1;
        for (at = 0; at < count; at++) {
                const rd_kafka_message_t *message = messages[at];
                size_t room                       = size - (end - buffer);
                if (!rafka_has_reply(message) || (uint64_t)(uintptr_t)message->rkt != run->rkt ||
                    message->partition != run->partition || (double)message->offset <= run->last ||
                    head_bytes + message->len + RAFKA_TAIL_BYTES > room)
                        break;
                end       = rafka_write_reply(end, head, head_bytes, message);
                run->last = (double)message->offset;
        }
        run->bytes = (uint32_t)(end - buffer);
        for (count = 0; count < at; count++)
                rd_kafka_message_destroy(messages[count]);
        return at;
}

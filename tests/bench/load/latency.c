/*
 * The way of single messages from a producer to a waiting consumer, one at a time, in an otherwise idle system.
 *
 *   latency rafka <port> <topic> <count>
 *   latency stream <port> <topic> <count>
 *   latency kafka <brokers> <topic> <count> [p:<producer setting>=<value> | c:<consumer setting>=<value>]...
 *
 * `rafka` sends RPUSHX on one connection while another one waits in BLPOP; `stream` XADD while it waits in XREADGROUP,
 * with Rafka or with Redis; `kafka` does the same with librdkafka itself. Prints a line for each message: microseconds from before it was sent until it was received.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "rdkafka.h"

enum { VALUE_SIZE = 100, PAUSE_US = 5000, FIRST_DEADLINE_S = 30, DEADLINE_S = 10 };

static char run_id[32]; /* what other runs have left in the topic does not count */
static pthread_mutex_t lock  = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change = PTHREAD_COND_INITIALIZER;
static long received         = -1; /* number of the last message */
static int64_t received_at;

static void fail(const char *format, ...) {
        va_list arguments;
        va_start(arguments, format);
        fprintf(stderr, "latency: ");
        vfprintf(stderr, format, arguments);
        fprintf(stderr, "\n");
        exit(1);
}

static int64_t now_ns(void) {
        struct timespec time;
        clock_gettime(CLOCK_MONOTONIC, &time);
        return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Called with each message: "<run> <number> xxx…" */
static void on_message(const char *value, size_t size) {
        char text[VALUE_SIZE + 1];
        int64_t at       = now_ns();
        size_t id_length = strlen(run_id);
        if (size != VALUE_SIZE)
                return;
        memcpy(text, value, size);
        text[size] = 0;
        if (strncmp(text, run_id, id_length) != 0)
                return;
        pthread_mutex_lock(&lock);
        received    = atol(text + id_length);
        received_at = at;
        pthread_cond_signal(&change);
        pthread_mutex_unlock(&lock);
}

/* Whether a message of at least this number comes within the time. */
static int wait_for(long number, int64_t timeout_ns) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        int64_t end   = until.tv_sec * 1000000000LL + until.tv_nsec + timeout_ns;
        until.tv_sec  = end / 1000000000;
        until.tv_nsec = end % 1000000000;
        pthread_mutex_lock(&lock);
        while (received < number && pthread_cond_timedwait(&change, &lock, &until) == 0)
                ;
        int is_here = received >= number;
        pthread_mutex_unlock(&lock);
        return is_here;
}

/* ---- Rafka, Redis ---- */

static int producing, consuming;

static int connect_to(int port) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port   = htons(port),
                                      .sin_addr   = {htonl(INADDR_LOOPBACK)}};
        int yes = 1, connection = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(connection, (struct sockaddr *)&address, sizeof(address)) != 0)
                fail("cannot connect to port %d", port);
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
        return connection;
}

static void ask(int connection, char *arguments[], int count) {
        char request[1024], *end = request;
        end += sprintf(end, "*%d\r\n", count);
        for (int i = 0; i < count; i++)
                end += sprintf(end, "$%zu\r\n%s\r\n", strlen(arguments[i]), arguments[i]);
        if (write(connection, request, end - request) != end - request)
                fail("cannot send");
}

/* A reply that ends with `ending`, or is a null. */
static size_t read_reply(int connection, char *reply, size_t size, const char *ending) {
        size_t length = 0, ending_length = strlen(ending);
        do {
                ssize_t more = read(connection, reply + length, size - length);
                if (more <= 0)
                        fail("the server has closed the connection");
                length += more;
                if (reply[0] == '-')
                        fail("got %.*s", (int)length, reply);
                if (length == 5 && memcmp(reply, "*-1\r\n", 5) == 0)
                        return 0;
        } while (length < ending_length ||
                 memcmp(reply + length - ending_length, ending, ending_length) != 0);
        return length;
}

static void produce_rafka(const char *topic, const char *value) {
        char key[256], reply[256];
        sprintf(key, "topics:%.200s", topic);
        ask(producing, (char *[]) {"RPUSHX", key, (char *)value}, 3);
        read_reply(producing, reply, sizeof(reply), "\r\n");
}

static void *consume_rafka(void *topic) {
        char key[256], name[64], reply[4096], ending[] = "x\r\n"; /* values end so, the parts before them do not */
        sprintf(key, "topics:%.200s", (char *)topic);
        sprintf(name, "%s:worker", run_id);
        ask(consuming, (char *[]) {"CLIENT", "SETNAME", name}, 3);
        read_reply(consuming, reply, sizeof(reply), "OK\r\n");
        for (;;) {
                ask(consuming, (char *[]) {"BLPOP", key, "30"}, 3);
                size_t length = read_reply(consuming, reply, sizeof(reply), ending);
                if (length > VALUE_SIZE + 2)
                        on_message(reply + length - VALUE_SIZE - 2, VALUE_SIZE);
        }
        return NULL;
}

static void produce_stream(const char *topic, const char *value) {
        char key[256], reply[256];
        sprintf(key, "topics:%.200s", topic);
        ask(producing, (char *[]) {"XADD", key, "*", "value", (char *)value}, 5);
        read_reply(producing, reply, sizeof(reply), "\r\n");
}

static void *consume_stream(void *topic) {
        char key[256], reply[4096], ending[] = "x\r\n"; /* the value is the last field */
        sprintf(key, "topics:%.200s", (char *)topic);
        ask(consuming, (char *[]) {"XGROUP", "CREATE", key, run_id, "$", "MKSTREAM"}, 6);
        read_reply(consuming, reply, sizeof(reply), "OK\r\n");
        for (;;) {
                ask(consuming,
                    (char *[]) {"XREADGROUP", "GROUP", run_id, "worker", "COUNT", "1", "BLOCK", "30000", "STREAMS", key,
                                ">"},
                    11);
                size_t length = read_reply(consuming, reply, sizeof(reply), ending);
                if (length > VALUE_SIZE + 2)
                        on_message(reply + length - VALUE_SIZE - 2, VALUE_SIZE);
        }
        return NULL;
}

/* ---- librdkafka ---- */

static rd_kafka_t *producer, *consumer;

static rd_kafka_conf_t *new_conf(char kind, int count, char **settings) {
        char error[512];
        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        for (int i = 0; i < count; i++) {
                char *name = strdup(settings[i] + 2), *equals = strchr(name, '=');
                if (settings[i][0] == kind && equals) {
                        *equals = 0;
                        if (rd_kafka_conf_set(conf, name, equals + 1, error, sizeof(error)) != RD_KAFKA_CONF_OK)
                                fail("%s", error);
                }
                free(name);
        }
        return conf;
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
        char error[512];
        if (rd_kafka_conf_set(conf, name, value, error, sizeof(error)) != RD_KAFKA_CONF_OK)
                fail("%s", error);
}

static rd_kafka_t *new_client(rd_kafka_type_t type, rd_kafka_conf_t *conf) {
        char error[512];
        rd_kafka_t *client = rd_kafka_new(type, conf, error, sizeof(error));
        if (!client)
                fail("%s", error);
        return client;
}

static void produce_kafka(const char *topic, const char *value) {
        rd_kafka_resp_err_t code =
            rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                              RD_KAFKA_V_VALUE((void *)value, VALUE_SIZE), RD_KAFKA_V_END);
        if (code)
                fail("%s", rd_kafka_err2str(code));
        rd_kafka_poll(producer, 0);
}

static void *consume_kafka(void *unused) {
        (void)unused;
        for (;;) {
                rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 1000);
                if (!message)
                        continue;
                if (!message->err)
                        on_message(message->payload, message->len);
                rd_kafka_message_destroy(message);
        }
        return NULL;
}

static void open_kafka(const char *brokers, const char *topic, int count, char **settings) {
        rd_kafka_conf_t *conf = new_conf('p', count, settings);
        set(conf, "bootstrap.servers", brokers);
        producer = new_client(RD_KAFKA_PRODUCER, conf);
        conf     = new_conf('c', count, settings);
        set(conf, "bootstrap.servers", brokers);
        set(conf, "group.id", run_id);
        consumer                              = new_client(RD_KAFKA_CONSUMER, conf);
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
        rd_kafka_topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA);
        rd_kafka_poll_set_consumer(consumer);
        rd_kafka_resp_err_t code = rd_kafka_subscribe(consumer, list);
        if (code)
                fail("%s", rd_kafka_err2str(code));
        rd_kafka_topic_partition_list_destroy(list);
}

static void send_message(void (*produce)(const char *, const char *), const char *topic, long number) {
        char value[VALUE_SIZE + 1];
        memset(value, 'x', VALUE_SIZE);
        value[VALUE_SIZE] = 0;
        value[sprintf(value, "%s %ld", run_id, number)] = ' ';
        produce(topic, value);
}

int main(int argc, char **argv) {
        int is_rafka = argc >= 5 && strcmp(argv[1], "rafka") == 0, is_kafka = argc >= 5 && strcmp(argv[1], "kafka") == 0,
            is_stream = argc >= 5 && strcmp(argv[1], "stream") == 0;
        if (!is_rafka && !is_kafka && !is_stream)
                fail("usage: latency (rafka <port> | stream <port> | kafka <brokers>) <topic> <count> [<setting>]...");
        const char *topic = argv[3];
        long count        = atol(argv[4]);
        pthread_t thread;
        sprintf(run_id, "bench-%d-%lx", getpid(), (long)now_ns());
        if (is_kafka) {
                open_kafka(argv[2], topic, argc - 5, argv + 5);
        } else {
                producing = connect_to(atoi(argv[2]));
                consuming = connect_to(atoi(argv[2]));
        }
        void (*produce)(const char *, const char *) = is_kafka    ? produce_kafka
                                                      : is_stream ? produce_stream
                                                                  : produce_rafka;
        void *(*consume)(void *) = is_kafka ? consume_kafka : is_stream ? consume_stream : consume_rafka;
        pthread_create(&thread, NULL, consume, (void *)topic);

        /* until the group has formed and the ways are warm */
        int tries = FIRST_DEADLINE_S * 10;
        do {
                send_message(produce, topic, 0);
        } while (!wait_for(0, 100000000) && --tries > 0);
        for (long number = 1; tries > 0 && number <= 20; number++) {
                send_message(produce, topic, number);
                if (!wait_for(number, DEADLINE_S * 1000000000LL))
                        tries = 0;
        }
        if (tries == 0)
                fail("no message came in %d s", FIRST_DEADLINE_S);

        for (long number = 21; number < 21 + count; number++) {
                usleep(PAUSE_US);
                int64_t sent_at = now_ns();
                send_message(produce, topic, number);
                if (!wait_for(number, DEADLINE_S * 1000000000LL))
                        fail("message %ld did not come in %d s", number, DEADLINE_S);
                printf("%.1f\n", (received_at - sent_at) / 1e3);
        }
        fflush(stdout);
        _exit(0); /* the consumer waits */
}

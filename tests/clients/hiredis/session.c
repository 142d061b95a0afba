// session <port> <name> <topic>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static redisContext *producer, *worker;
static const char *topic;

static void fail(const char *why) {
    fprintf(stderr, "%s\n", why);
    exit(1);
}

static redisReply *checked(redisContext *connection, redisReply *reply) {
    if (reply == NULL) fail(connection->errstr);
    if (reply->type == REDIS_REPLY_ERROR) fail(reply->str);
    return reply;
}

// Prints a reply's text or number after a word.
static void show(const char *word, redisContext *connection, redisReply *reply) {
    checked(connection, reply);
    if (reply->type == REDIS_REPLY_INTEGER) printf("%s %lld\n", word, reply->integer);
    else printf("%s %s\n", word, reply->str);
    freeReplyObject(reply);
}

static redisContext *connection_to(int port) {
    redisContext *connection = redisConnect("127.0.0.1", port);
    if (connection == NULL || connection->err) fail("cannot connect");
    return connection;
}

static void set_name(const char *name) {
    freeReplyObject(checked(worker, redisCommand(worker, "CLIENT SETNAME %s", name)));
}

static void produce(const char *value) {
    show("PRODUCED", producer, redisCommand(producer, "RPUSHX topics:%s:key %s", topic, value));
}

static void consume(int count) {
    redisReply *replies[4];
    time_t deadline = time(NULL) + 30;
    int got = 0;
    while (got < count && time(NULL) < deadline) {
        redisReply *reply = checked(worker, redisCommand(worker, "BLPOP topics:%s 3", topic));
        if (reply->type == REDIS_REPLY_NIL) freeReplyObject(reply);
        else replies[got++] = reply;
    }
    printf("CONSUMED");
    for (int i = 0; i < got; i++) printf(" %s", replies[i]->element[7]->str);
    printf("\nACKED");
    for (int i = 0; i < got; i++) {
        redisReply **parts = replies[i]->element;
        redisReply *ack = redisCommand(worker, "RPUSH acks %s:%lld:%lld", parts[1]->str,
                                       parts[3]->integer, parts[5]->integer);
        checked(worker, ack);
        printf(" %lld", ack->integer);
        freeReplyObject(ack);
        freeReplyObject(replies[i]);
    }
    printf("\n");
}

int main(int count, char **arguments) {
    if (count != 4) fail("session <port> <name> <topic>");
    const char *name = arguments[2], *values[] = {"two", "three", "four"};
    topic = arguments[3];
    producer = connection_to(atoi(arguments[1]));
    worker = connection_to(atoi(arguments[1]));
    set_name(name);
    show("PING", producer, redisCommand(producer, "PING"));
    show("SELECT", producer, redisCommand(producer, "SELECT 0"));
    show("NAME", worker, redisCommand(worker, "CLIENT GETNAME"));
    produce("one");
    for (int i = 0; i < 3; i++) {
        redisAppendCommand(producer, "RPUSHX topics:%s:key %s", topic, values[i]);
    }
    printf("PIPELINED");
    for (int i = 0; i < 3; i++) {
        void *reply = NULL;
        redisGetReply(producer, &reply);
        printf(" %lld", checked(producer, reply)->integer);
        freeReplyObject(reply);
    }
    printf("\n");
    show("FLUSHED", producer, redisCommand(producer, "WAIT 1 10000"));
    consume(4);
    redisReply *keys = checked(producer, redisCommand(producer, "KEYS topics:%s", topic));
    printf("TOPICS");
    for (size_t i = 0; i < keys->elements; i++) printf(" %s", keys->element[i]->str);
    freeReplyObject(keys);
    redisReply *info = checked(producer, redisCommand(producer, "INFO"));
    const char *line = strstr(info->str, "redis_mode:"), *mode = line ? line + 11 : "";
    printf("\nINFO %.*s\n", (int)strcspn(mode, "\r"), mode);
    freeReplyObject(info);

    printf("RESTART\n");
    fflush(stdout);
    if (getchar() == EOF) fail("no input");

    // hiredis never connects again by itself; here is where a program is told to.
    if (redisCommand(producer, "PING") || redisReconnect(producer)) fail("producer");
    if (redisCommand(worker, "PING") || redisReconnect(worker)) fail("worker");
    set_name(name);
    show("PING", producer, redisCommand(producer, "PING"));
    show("NAME", worker, redisCommand(worker, "CLIENT GETNAME"));
    produce("five");
    show("FLUSHED", producer, redisCommand(producer, "WAIT 1 10000"));
    consume(1);
    redisFree(worker);
    redisFree(producer);
    printf("CLOSED\n");
}

#include <hiredis/hiredis.h>
#include <stdio.h>

int main(void) {
    redisContext *producer = redisConnect("127.0.0.1", 6380);
    freeReplyObject(redisCommand(producer, "RPUSHX topics:greetings:c %s", "Hello from C"));
    redisReply *delivered = redisCommand(producer, "WAIT 1 10000");
    printf("delivered: %lld\n", delivered->integer);

    redisContext *worker = redisConnect("127.0.0.1", 6380);
    freeReplyObject(redisCommand(worker, "CLIENT SETNAME c-workers:1"));
    redisReply *reply = redisCommand(worker, "BLPOP topics:greetings 10");
    if (reply->type == REDIS_REPLY_ARRAY) { // nil when no message came
        redisReply **part = reply->element;
        printf("received: %s\n", part[7]->str);
        freeReplyObject(redisCommand(worker, "RPUSH acks %s:%lld:%lld", part[1]->str,
                                     part[3]->integer, part[5]->integer));
    }
    redisFree(worker);
    redisFree(producer);
}

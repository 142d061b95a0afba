/*
 * Reads a stream as fast as workers of one group do, from Rafka or from Redis: each connection asks for entries, acks
 * all of them in one command, and asks for the next ones in the same write.
 *
 *   stream <port> <entries> <connections> <count> <group> <key>
 *
 * The group must be there. After the first entries, for which it may have to form, it prints "ready" and waits for a
 * line on standard input; then the clock starts. At the end it prints how many seconds the other entries took. Any
 * reply that is an error, a null or not one of RESP2, and any ack that does not count all, ends it with exit code 1.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 1000, INPUT_SIZE = 1 << 20, MAX_ID = 48 };

struct worker {
        int fd;
        char *input;
        size_t length;
        long acking; /* entries whose XACK is under way */
};

static struct worker workers[MAX_CONNECTIONS];
static char *acks; /* a request */
static char *ids;  /* of the reply that is read, each in MAX_ID bytes */
static long id_count;
static const char *group, *key;
static long count;

static void fail(const char *what, const char *detail, int detail_length) {
        fprintf(stderr, "stream: %s %.*s\n", what, detail_length, detail);
        exit(1);
}

static double now(void) {
        struct timespec time;
        clock_gettime(CLOCK_MONOTONIC, &time);
        return time.tv_sec + time.tv_nsec / 1e9;
}

static void send_all(int fd, const char *bytes, size_t size) {
        while (size > 0) {
                ssize_t sent = write(fd, bytes, size);
                if (sent <= 0)
                        fail("cannot send", "", 0);
                bytes += sent;
                size -= sent;
        }
}

/*
 * Where the reply at `from` ends, 0 if not all of it is here. The first bulk at depth 4, of each entry of a stream, is
 * its id: [ [ key, [ [ id, [field, value] ] ] ] ].
 */
static size_t end_of_reply(struct worker *worker, size_t from, int depth, int is_first) {
        char *input = worker->input;
        char *end   = from < worker->length ? memchr(input + from, '\n', worker->length - from) : NULL;
        if (!end)
                return 0;
        size_t after = end - input + 1;
        long number  = atol(input + from + 1);
        switch (input[from]) {
        case ':':
                return after;
        case '$':
                if (number < 0)
                        fail("got a null", "", 0);
                if (after + number + 2 > worker->length)
                        return 0;
                if (depth == 4 && is_first) {
                        if (number >= MAX_ID || id_count == count)
                                fail("got too much", input + after, (int)number);
                        memcpy(ids + id_count * MAX_ID, input + after, number);
                        ids[id_count++ * MAX_ID + number] = 0;
                }
                return after + number + 2;
        case '*':
                if (number < 0)
                        fail("no entry came in time", "", 0);
                for (long i = 0; i < number; i++)
                        if ((after = end_of_reply(worker, after, depth + 1, i == 0)) == 0)
                                return 0;
                return after;
        default:
                fail("got", input + from, (int)(end - input - from));
                return 0;
        }
}

static char *put(char *to, const char *argument) {
        return to + sprintf(to, "$%zu\r\n%s\r\n", strlen(argument), argument);
}

static char *put_read(char *to, long number) {
        char name[32], counted[32];
        sprintf(name, "worker-%ld", number);
        sprintf(counted, "%ld", count);
        to += sprintf(to, "*11\r\n");
        to = put(put(put(put(to, "XREADGROUP"), "GROUP"), group), name);
        to = put(put(put(put(to, "COUNT"), counted), "BLOCK"), "30000");
        return put(put(put(to, "STREAMS"), key), ">");
}

/* Acks what was read, and asks for more if there is to be more. */
static void ask(long number, int more) {
        struct worker *worker = &workers[number];
        char *end             = acks;
        worker->acking        = id_count;
        if (id_count > 0) {
                end += sprintf(end, "*%ld\r\n", 3 + id_count);
                end = put(put(put(end, "XACK"), key), group);
                for (long i = 0; i < id_count; i++)
                        end = put(end, ids + i * MAX_ID);
        }
        if (more)
                end = put_read(end, number);
        send_all(worker->fd, acks, end - acks);
}

static void receive(struct worker *worker) {
        if (worker->length == INPUT_SIZE)
                fail("a reply is too long", "", 0);
        ssize_t received = read(worker->fd, worker->input + worker->length, INPUT_SIZE - worker->length);
        if (received <= 0)
                fail("the server has closed the connection", "", 0);
        worker->length += received;
}

static void drop(struct worker *worker, size_t bytes) {
        memmove(worker->input, worker->input + bytes, worker->length - bytes);
        worker->length -= bytes;
}

/* Whether the ack of what was read before is answered. */
static int acked(struct worker *worker) {
        if (worker->acking == 0)
                return 1;
        id_count   = 0;
        size_t end = end_of_reply(worker, 0, 0, 0);
        if (end == 0)
                return 0;
        if (worker->input[0] != ':' || atol(worker->input + 1) != worker->acking)
                fail("an ack got", worker->input, (int)end - 2);
        worker->acking = 0;
        drop(worker, end);
        return 1;
}

/* Whether entries are here; their ids are in `ids`. */
static int took(struct worker *worker) {
        if (!acked(worker) || worker->length == 0)
                return 0;
        id_count   = 0;
        size_t end = end_of_reply(worker, 0, 0, 0);
        if (end == 0)
                return 0;
        drop(worker, end);
        return 1;
}

static int connect_to(int port) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port   = htons(port),
                                      .sin_addr   = {htonl(INADDR_LOOPBACK)}};
        int yes = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
                fail("cannot connect", "", 0);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
        return fd;
}

int main(int argc, char **argv) {
        if (argc != 7)
                fail("usage: stream <port> <entries> <connections> <count> <group> <key>", "", 0);
        long wanted = atol(argv[2]), connections = atol(argv[3]);
        count = atol(argv[4]);
        group = argv[5];
        key   = argv[6];
        if (connections < 1 || connections > MAX_CONNECTIONS || count < 1)
                fail("too many connections, or none", "", 0);
        ids  = malloc(count * MAX_ID);
        acks = malloc(4096 + count * (MAX_ID + 16));
        for (long i = 0; i < connections; i++) {
                workers[i].fd    = connect_to(atoi(argv[1]));
                workers[i].input = malloc(INPUT_SIZE);
        }

        id_count = 0;
        ask(0, 1);
        while (!took(&workers[0]))
                receive(&workers[0]);
        ask(0, 0);
        while (!acked(&workers[0]))
                receive(&workers[0]);
        printf("ready\n");
        fflush(stdout);
        if (getchar() != '\n')
                fail("nobody has started the clock", "", 0);

        static struct pollfd polls[MAX_CONNECTIONS];
        double start = now();
        long entries = 0, open = connections;
        id_count = 0;
        for (long i = 0; i < connections; i++) {
                polls[i] = (struct pollfd) {.fd = workers[i].fd, .events = POLLIN};
                ask(i, 1);
        }
        while (open > 0) {
                if (poll(polls, connections, 30000) <= 0)
                        fail("no entry came in time", "", 0);
                for (long i = 0; i < connections; i++) {
                        if (polls[i].fd < 0 || !polls[i].revents)
                                continue;
                        receive(&workers[i]);
                        while (polls[i].fd >= 0 && took(&workers[i])) {
                                entries += id_count;
                                ask(i, entries < wanted);
                                if (entries >= wanted) { /* its ack is the last reply, and belongs to it */
                                        while (!acked(&workers[i]))
                                                receive(&workers[i]);
                                        polls[i].fd = -1;
                                        open--;
                                }
                        }
                }
        }
        printf("%ld entries in %.6f seconds\n", entries, now() - start);
        return 0;
}

/*
 * Pops messages as fast as one connection does, from Rafka or from Redis: requests with some of them in flight.
 *
 *   pop <port> <messages> <in flight> <name for CLIENT SETNAME, or -> <command> <argument>...
 *
 * After the first message, for which a group may have to form, it prints "ready" and waits for a line on standard
 * input; then the clock starts. At the end it prints how many seconds the other messages took. Of LPOP and RPOP, which
 * take a count, each item of the reply is a message. Any reply that is an
 * error, a null or not one of RESP2 ends it with exit code 1.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int connection;
static char input[4 << 20];
static size_t length, at; /* what has come, and how much of it was read */
static int items_are_messages;

static void fail(const char *what, const char *detail, int detail_length) {
        fprintf(stderr, "pop: %s %.*s\n", what, detail_length, detail);
        exit(1);
}

static double now(void) {
        struct timespec time;
        clock_gettime(CLOCK_MONOTONIC, &time);
        return time.tv_sec + time.tv_nsec / 1e9;
}

static void send_all(const char *bytes, size_t size) {
        while (size > 0) {
                ssize_t sent = write(connection, bytes, size);
                if (sent <= 0)
                        fail("cannot send", "", 0);
                bytes += sent;
                size -= sent;
        }
}

static void receive(void) {
        memmove(input, input + at, length - at);
        length -= at;
        at = 0;
        if (length == sizeof(input))
                fail("a reply is too long", "", 0);
        ssize_t received = read(connection, input + length, sizeof(input) - length);
        if (received <= 0)
                fail("the server has closed the connection", "", 0);
        length += received;
}

/* Where the reply at `from` ends, 0 if not all of it is here; `messages`, if any, gets how many messages it is. */
static size_t end_of_reply(size_t from, long *messages) {
        char *end = memchr(input + from, '\n', length - from);
        if (!end)
                return 0;
        size_t after = end - input + 1;
        long number  = atol(input + from + 1);
        switch (input[from]) {
        case '+':
        case ':':
                return after;
        case '$':
                if (number >= 0)
                        after += number + 2;
                return after <= length ? after : 0;
        case '*':
                if (number < 0)
                        fail("no message came in time", "", 0);
                /* LMPOP and BLMPOP answer with the key and the list of what was popped */
                int is_batch = messages && number == 2 && !items_are_messages;
                if (messages)
                        *messages = items_are_messages ? number : 1;
                for (long i = 0; i < number; i++) {
                        if (is_batch && i == 1 && after < length && input[after] == '*')
                                *messages = atol(input + after + 1);
                        after = after < length ? end_of_reply(after, NULL) : 0;
                        if (after == 0)
                                return 0;
                }
                return after;
        default:
                fail("got", input + from, (int)(end - input - from));
                return 0;
        }
}

/* The messages of the next reply. */
static long next_reply(void) {
        long messages = 0;
        size_t end;
        while ((end = at < length ? end_of_reply(at, &messages) : 0) == 0)
                receive();
        at = end;
        return messages;
}

static size_t encode(char *to, char **arguments, int count) {
        char *end = to + sprintf(to, "*%d\r\n", count);
        for (int i = 0; i < count; i++)
                end += sprintf(end, "$%zu\r\n%s\r\n", strlen(arguments[i]), arguments[i]);
        return end - to;
}

int main(int argc, char **argv) {
        if (argc < 7)
                fail("usage: pop <port> <messages> <in flight> <name> <command> <argument>...", "", 0);
        long wanted = atol(argv[2]), in_flight = atol(argv[3]);
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port   = htons(atoi(argv[1])),
                                      .sin_addr   = {htonl(INADDR_LOOPBACK)}};
        int yes                    = 1;
        connection                 = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(connection, (struct sockaddr *)&address, sizeof(address)) != 0)
                fail("cannot connect to port", argv[1], (int)strlen(argv[1]));
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));

        char request[4096];
        if (strcmp(argv[4], "-") != 0) {
                char *name[] = {"CLIENT", "SETNAME", argv[4]};
                send_all(request, encode(request, name, 3));
                next_reply();
        }
        items_are_messages = strcmp(argv[5], "LPOP") == 0 || strcmp(argv[5], "RPOP") == 0;
        size_t size        = encode(request, argv + 5, argc - 5);
        char *requests     = malloc(size * in_flight);
        for (long i = 0; i < in_flight; i++)
                memcpy(requests + i * size, request, size);
        send_all(request, size);
        next_reply();

        printf("ready\n");
        fflush(stdout);
        if (getchar() != '\n')
                fail("nobody has started the clock", "", 0);
        double start  = now();
        long messages = 0, pending = 0;
        while (messages < wanted) {
                long more = in_flight - pending, rest = wanted - messages - pending;
                if (more > rest)
                        more = rest;
                if (more > 0) {
                        send_all(requests, size * more);
                        pending += more;
                }
                /* all that is here, then the next requests in one go */
                do {
                        messages += next_reply();
                        pending--;
                } while (pending > 0 && at < length && memchr(input + at, '\n', length - at) &&
                         end_of_reply(at, NULL));
        }
        printf("%ld messages in %.6f seconds\n", messages, now() - start);
        return 0;
}

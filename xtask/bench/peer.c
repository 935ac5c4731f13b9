/* The other end of what `cargo xtask bench` measures: `peer SERVICE [NUMBERS…]`. Says `ready 0 PORT`, serves until it is
   killed. `echo` is also the raw epoll server that is the limit for the servers in Lua. */
#include "common.h"

/* Sends back what comes, one connection at a time, with nothing between the two calls. */
static void pong(int listener)
{
    char *data = block_of(BLOCK);
    for (;;) {
        int fd = accepted(listener);
        ssize_t got;
        while ((got = recv(fd, data, BLOCK, 0)) > 0 && send_all(fd, data, (size_t)got))
            ;
        close(fd);
    }
}

static void watch(int poll, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    must(epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

/* Sends back what comes, on as many connections as there are. */
static void echo(int listener)
{
    static char data[16 * 1024];
    static struct epoll_event events[EVENTS];
    int poll = (int)must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    watch(poll, listener);
    for (;;) {
        int count = (int)must(epoll_wait(poll, events, EVENTS, -1), "epoll_wait");
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                watch(poll, accepted(listener));
                continue;
            }
            ssize_t got = recv(fd, data, sizeof data, MSG_DONTWAIT);
            if (got <= 0 || !send_all(fd, data, (size_t)got))
                close(fd);
        }
    }
}

/* Keeps connections open; the first ones are sent a byte. */
static void hold(int listener, int greeted)
{
    for (;;) {
        int fd = accepted(listener);
        if (greeted-- > 0)
            send_all(fd, "x", 1);
    }
}

/* Sends lines of a length, their LF included, until the other end leaves or, where a total is given, until that. */
static void feed(int listener, size_t line, long total)
{
    size_t size = BLOCK / line * line;
    char *data = block_of(size);
    for (size_t end = line - 1; end < size; end += line)
        data[end] = '\n';
    for (;;) {
        int fd = accepted(listener);
        for (long left = total ? total : -1; left != 0;) {
            size_t next = left > 0 && left < (long)size ? (size_t)left : size;
            if (!send_all(fd, data, next))
                break;
            left -= left > 0 ? (long)next : 0;
        }
        close(fd);
    }
}

static void sink(int listener)
{
    char *data = block_of(BLOCK);
    for (;;) {
        int fd = accepted(listener);
        while (recv(fd, data, BLOCK, 0) > 0)
            ;
        close(fd);
    }
}

/* Answers each datagram with so many of the same. */
static void datagrams(int fd, int answers)
{
    static char data[64 * 1024];
    struct sockaddr_in from;
    for (;;) {
        socklen_t length = sizeof from;
        ssize_t got = recvfrom(fd, data, sizeof data, 0, (struct sockaddr *)&from, &length);
        for (int i = 0; got >= 0 && i < answers; i++)
            sendto(fd, data, (size_t)got, 0, (struct sockaddr *)&from, length);
    }
}

/* Makes connections and keeps them. */
static void join(int port, int count)
{
    for (int i = 0; i < count; i++)
        connected(SOCK_STREAM, port);
    say("ready", 0);
    for (;;)
        await_word();
}

/* An exchange on each of many connections, then so many requests, spread over the busy ones, one at a time on each. */
static void load(int port, int count, int busy, long requests, int size)
{
    static struct epoll_event events[EVENTS];
    char *data = block_of((size_t)size);
    int *fds = malloc(sizeof *fds * (size_t)count);
    int poll = (int)must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    data[size - 1] = '\n';
    for (int i = 0; i < count; i++) {
        fds[i] = connected(SOCK_STREAM, port);
        if (!send_all(fds[i], data, (size_t)size) || !receive_all(fds[i], data, (size_t)size))
            must(-1, "the first exchange");
    }
    for (int i = 0; i < busy; i++)
        watch(poll, fds[(long)i * count / busy]);
    say("ready", 0);
    await_word();
    long sent = 0, answered = 0;
    for (; sent < busy && sent < requests; sent++)
        send_all(fds[sent * count / busy], data, (size_t)size);
    while (answered < requests) {
        int ready = (int)must(epoll_wait(poll, events, EVENTS, -1), "epoll_wait");
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (!receive_all(fd, data, (size_t)size))
                must(-1, "an answer");
            answered++;
            if (sent++ < requests && !send_all(fd, data, (size_t)size))
                must(-1, "a request");
        }
    }
    say("done", 0);
    for (;;)
        await_word();
}

int main(int count, char **args)
{
    allow_descriptors();
    const char *service = count > 1 ? args[1] : "";
    int first = count > 2 ? number(args, 2) : 0, second = count > 3 ? number(args, 3) : 0;
    int port;
    if (!strcmp(service, "join"))
        join(first, second);
    if (!strcmp(service, "load") && count == 7)
        load(first, second, number(args, 4), number(args, 5), number(args, 6));
    int is_datagram = !strcmp(service, "datagrams");
    int fd = is_datagram ? bound(SOCK_DGRAM, &port) : listening(&port);
    say("ready", port);
    if (is_datagram)
        datagrams(fd, first);
    else if (!strcmp(service, "pong"))
        pong(fd);
    else if (!strcmp(service, "echo"))
        echo(fd);
    else if (!strcmp(service, "hold"))
        hold(fd, first);
    else if (!strcmp(service, "feed") && first > 0)
        feed(fd, (size_t)first, count > 3 ? atol(args[3]) : 0);
    else if (!strcmp(service, "sink"))
        sink(fd);
    else if (!strcmp(service, "backlog"))
        for (;;)
            await_word();
    fprintf(stderr, "no service %s\n", service);
    return 1;
}

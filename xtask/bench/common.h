/* What the benchmark's C programs share: sockets on the loopback, whole transfers, and the words on their pipes. */
#ifndef COMMON_H
#define COMMON_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BLOCK = 1 << 20, EVENTS = 512 };

/* Whatever the kernel refuses ends the program: xtask then reports this line. */
static inline long must(long result, const char *what)
{
    if (result < 0) {
        perror(what);
        exit(1);
    }
    return result;
}

static inline struct sockaddr_in loopback(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static inline int bound(int type, int *port)
{
    int fd = (int)must(socket(AF_INET, type | SOCK_CLOEXEC, 0), "socket");
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    must(bind(fd, (struct sockaddr *)&address, length), "bind");
    must(getsockname(fd, (struct sockaddr *)&address, &length), "getsockname");
    *port = ntohs(address.sin_port);
    return fd;
}

static inline int listening(int *port)
{
    int fd = bound(SOCK_STREAM, port);
    must(listen(fd, 4096), "listen");
    return fd;
}

static inline void no_delay(int fd)
{
    int on = 1;
    must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
}

static inline int connected(int type, int port)
{
    int fd = (int)must(socket(AF_INET, type | SOCK_CLOEXEC, 0), "socket");
    struct sockaddr_in address = loopback(port);
    must(connect(fd, (struct sockaddr *)&address, sizeof address), "connect");
    if (type == SOCK_STREAM)
        no_delay(fd);
    return fd;
}

static inline int accepted(int listener)
{
    int fd = (int)must(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept");
    no_delay(fd);
    return fd;
}

/* Sends everything; 0 once the other end has gone. */
static inline int send_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return 0;
        data += sent;
        length -= (size_t)sent;
    }
    return 1;
}

/* Receives exactly this much; 0 once the other end has gone. */
static inline int receive_all(int fd, char *data, size_t length)
{
    while (length > 0) {
        ssize_t got = recv(fd, data, length, 0);
        if (got <= 0)
            return 0;
        data += got;
        length -= (size_t)got;
    }
    return 1;
}

/* Waits for a line on stdin; at its end the program has no reason to live any more. */
static inline void await_word(void)
{
    char line[64];
    if (fgets(line, sizeof line, stdin) == NULL)
        exit(0);
}

static inline void say(const char *word, int port)
{
    printf("%s 0 %d\n", word, port);
    fflush(stdout);
}

static inline char *block_of(size_t size)
{
    char *block = malloc(size);
    must(block ? 0 : -1, "malloc");
    memset(block, 'x', size);
    return block;
}

static inline void allow_descriptors(void)
{
    struct rlimit limit;
    must(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    must(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

static inline int number(char **args, int index)
{
    return args[index] ? atoi(args[index]) : 0;
}

#endif

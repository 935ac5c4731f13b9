/* The limit that the kernel sets: what the Lua workloads do, in the fewest system calls and with nothing around them.
   `limit WORKLOAD N ALL PORT [SIZE [COUNT]]` keeps to the workloads' protocol. */
#include "common.h"

static int times, all, port, size, count;
static char *data;

static void start(int listening_on)
{
    printf("ready 0 %d\n", listening_on);
    fflush(stdout);
    await_word();
}

static void ping_pong(void)
{
    int fd = connected(SOCK_STREAM, port);
    start(0);
    for (int i = 0; i < times; i++)
        if (!send_all(fd, data, (size_t)size) || !receive_all(fd, data, (size_t)size))
            must(-1, "an exchange");
}

static void receive(void)
{
    int fd = connected(SOCK_STREAM, port);
    start(0);
    for (int i = 0; i < times; i++)
        if (!receive_all(fd, data, (size_t)size))
            must(-1, "recv");
}

static void send_blocks(void)
{
    int fd = connected(SOCK_STREAM, port);
    start(0);
    for (int i = 0; i < times; i++)
        if (!send_all(fd, data, (size_t)size))
            must(-1, "send");
}

static void connect_close(void)
{
    struct sockaddr_in address = loopback(port);
    start(0);
    for (int i = 0; i < times; i++) {
        int fd = (int)must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
        must(connect(fd, (struct sockaddr *)&address, sizeof address), "connect");
        close(fd);
    }
}

static void accept_close(void)
{
    int own;
    int listener = listening(&own);
    start(own);
    for (int i = 0; i < times; i++)
        close((int)must(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept"));
}

static void udp_ping_pong(void)
{
    int fd = connected(SOCK_DGRAM, port);
    start(0);
    for (int i = 0; i < times; i++) {
        must(send(fd, data, (size_t)size, 0), "send");
        must(recv(fd, data, (size_t)size, 0), "recv");
    }
}

static void udp_send(void)
{
    struct sockaddr_in address = loopback(port);
    int fd = (int)must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
    start(0);
    for (int i = 0; i < times; i++)
        must(sendto(fd, data, (size_t)size, 0, (struct sockaddr *)&address, sizeof address), "sendto");
}

static void udp_receive(void)
{
    int fd = connected(SOCK_DGRAM, port);
    start(0);
    for (int i = 0; i < times / count; i++) {
        must(send(fd, data, (size_t)size, 0), "send");
        for (int j = 0; j < count; j++)
            must(recv(fd, data, (size_t)size, 0), "recv");
    }
}

static const struct {
    const char *name;
    void (*run)(void);
} WORKLOADS[] = {
    {"accept", accept_close},   {"connect", connect_close}, {"ping-pong", ping_pong},
    {"receive-blocks", receive}, {"send", send_blocks},      {"udp-ping-pong", udp_ping_pong},
    {"udp-receive", udp_receive}, {"udp-send", udp_send},
};

int main(int words, char **args)
{
    if (words < 5) {
        fprintf(stderr, "limit WORKLOAD N ALL PORT [SIZE [COUNT]]\n");
        return 2;
    }
    allow_descriptors();
    times = number(args, 2), all = number(args, 3), port = number(args, 4);
    size = words > 5 ? number(args, 5) : 1;
    count = words > 6 ? number(args, 6) : 1;
    data = block_of((size_t)size);
    for (size_t i = 0; i < sizeof WORKLOADS / sizeof *WORKLOADS; i++) {
        if (strcmp(WORKLOADS[i].name, args[1]))
            continue;
        WORKLOADS[i].run();
        printf("done\n");
        fflush(stdout);
        await_word();
        return 0;
    }
    fprintf(stderr, "no workload %s\n", args[1]);
    return 1;
}

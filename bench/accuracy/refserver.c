// SPDX-License-Identifier: BSD-2-Clause
/* refserver - a minimal, perfect NTP server for simulations.
 *
 * Answers every mode-3 request from its own clock with zero processing time.
 * It exists so that the accuracy bench does not depend on any NTP
 * daemon for its reference side: the error of a node's clock relative to
 * simulated true time is set by the simulator's configuration, not by us.
 *
 * usage: refserver [stratum [rootdisp_us [rootdelay_us]]]
 *
 * Only plain libc calls are used: socket, bind, poll, recvmsg, sendto,
 * clock_gettime.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static volatile sig_atomic_t stop;
static void on_term(int sig) { (void)sig; stop = 1; }

static void put32(uint8_t *p, uint32_t v) { v = htonl(v); memcpy(p, &v, 4); }

static void put_ts(uint8_t *p, const struct timespec *ts)
{
    put32(p, (uint32_t)((uint64_t)ts->tv_sec + 2208988800ULL));
    put32(p + 4, (uint32_t)(((uint64_t)ts->tv_nsec << 32) / 1000000000ULL));
}

static uint32_t us_to_short(double us) { return (uint32_t)(us * 65536.0 / 1e6); }

int main(int argc, char **argv)
{
    int stratum = argc > 1 ? atoi(argv[1]) : 1;
    double disp = argc > 2 ? atof(argv[2]) : 1.0, delay = argc > 3 ? atof(argv[3]) : 0.0;
    struct sockaddr_in a;
    int fd;

    signal(SIGTERM, on_term);
    signal(SIGINT, on_term);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_port = htons(123);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0) {
        perror("refserver");
        return 1;
    }
    while (!stop) {
        struct pollfd p = { fd, POLLIN, 0 };
        uint8_t in[512], out[48];
        struct sockaddr_in from;
        struct timespec now;
        struct iovec iov = { in, sizeof in };
        struct msghdr m;
        ssize_t n;

        if (poll(&p, 1, -1) <= 0)
            continue;
        memset(&m, 0, sizeof m);
        m.msg_name = &from;
        m.msg_namelen = sizeof from;
        m.msg_iov = &iov;
        m.msg_iovlen = 1;
        n = recvmsg(fd, &m, 0);
        if (n < 48 || (in[0] & 7) != 3)
            continue;
        clock_gettime(CLOCK_REALTIME, &now);
        memset(out, 0, sizeof out);
        out[0] = (uint8_t)((in[0] & 0x38) | 4);
        out[1] = (uint8_t)stratum;
        out[2] = in[2];
        out[3] = (uint8_t)-25;
        put32(out + 4, us_to_short(delay));
        put32(out + 8, us_to_short(disp));
        memcpy(out + 12, "GPS", 4);
        put_ts(out + 16, &now);
        put32(out + 20, 0); /* reference time: the last whole second */
        memcpy(out + 24, in + 40, 8);
        put_ts(out + 32, &now);
        put_ts(out + 40, &now);
        sendto(fd, out, sizeof out, 0, (struct sockaddr *)&from, sizeof from);
    }
    return 0;
}

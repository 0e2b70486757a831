// SPDX-License-Identifier: BSD-2-Clause
/* compat_shim - our own LD_PRELOAD helper for PEER daemons that use calls the
 * simulator does not intercept.  It is loaded in front of the simulator's
 * library and rewrites those calls into ones it does understand.  Our own
 * daemon must run WITHOUT this shim.
 *
 *  pselect, ppoll   -> select, poll  (with the signal mask set around it)
 *  timer_create(CLOCK_MONOTONIC) -> CLOCK_REALTIME (the only one accepted)
 *  SO_TIMESTAMP[NS] -> emulated: recvmsg appends the control message
 *  getentropy, arc4random* -> getrandom  (so that runs are reproducible)
 *  write(socket)    -> send
 *  sleep            -> nanosleep
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static unsigned char wants_ns[1024]; /* 1: SO_TIMESTAMPNS, 2: SO_TIMESTAMP */

int pselect(int n, fd_set *r, fd_set *w, fd_set *e, const struct timespec *t, const sigset_t *mask)
{
    struct timeval tv, *ptv = NULL;
    sigset_t old;
    int ret, err;

    if (t) {
        tv.tv_sec = t->tv_sec;
        tv.tv_usec = (t->tv_nsec + 999) / 1000;
        ptv = &tv;
    }
    if (mask)
        pthread_sigmask(SIG_SETMASK, mask, &old);
    ret = select(n, r, w, e, ptv);
    err = errno;
    if (mask)
        pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = err;
    return ret;
}

int ppoll(struct pollfd *p, nfds_t n, const struct timespec *t, const sigset_t *mask)
{
    sigset_t old;
    int ret, err, ms = t ? (int)(t->tv_sec * 1000 + (t->tv_nsec + 999999) / 1000000) : -1;

    if (mask)
        pthread_sigmask(SIG_SETMASK, mask, &old);
    ret = poll(p, n, ms);
    err = errno;
    if (mask)
        pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = err;
    return ret;
}

int timer_create(clockid_t clk, struct sigevent *ev, timer_t *id)
{
    return NEXT(timer_create)(clk == CLOCK_MONOTONIC ? CLOCK_REALTIME : clk, ev, id);
}

int setsockopt(int fd, int level, int name, const void *val, socklen_t len)
{
    if (level == SOL_SOCKET && (name == SO_TIMESTAMPNS || name == SO_TIMESTAMP) &&
        fd >= 0 && fd < 1024) {
        wants_ns[fd] = *(const int *)val == 0 ? 0 : name == SO_TIMESTAMPNS ? 1 : 2;
        return 0;
    }
    return NEXT(setsockopt)(fd, level, name, val, len);
}

ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
    size_t room = m->msg_controllen;
    ssize_t n = NEXT(recvmsg)(fd, m, flags);

    if (n >= 0 && fd >= 0 && fd < 1024 && wants_ns[fd] && m->msg_control &&
        room >= m->msg_controllen + CMSG_SPACE(sizeof(struct timespec))) {
        struct cmsghdr *c = (struct cmsghdr *)((char *)m->msg_control + m->msg_controllen);
        struct timespec ts;

        clock_gettime(CLOCK_REALTIME, &ts);
        if (wants_ns[fd] == 2)
            ts.tv_nsec /= 1000; /* now a timeval */
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = wants_ns[fd] == 2 ? SCM_TIMESTAMP : SCM_TIMESTAMPNS;
        c->cmsg_len = CMSG_LEN(sizeof ts);
        memcpy(CMSG_DATA(c), &ts, sizeof ts);
        m->msg_controllen += CMSG_SPACE(sizeof ts);
    }
    return n;
}

int socket(int domain, int type, int proto)
{
    int fd = NEXT(socket)(domain, type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK), proto);

    if (fd >= 0 && fd < 1024)
        wants_ns[fd] = 0;
    return fd;
}

ssize_t write(int fd, const void *b, size_t n)
{
    if (fd >= 100 && fd < 120) {
        ssize_t r = send(fd, b, n, 0);
        if (r >= 0)
            return r;
    }
    return NEXT(write)(fd, b, n);
}

int getentropy(void *b, size_t n) { return getrandom(b, n, 0) == (ssize_t)n ? 0 : -1; }
uint32_t arc4random(void) { uint32_t v; getrandom(&v, sizeof v, 0); return v; }
void arc4random_buf(void *b, size_t n) { getrandom(b, n, 0); }
uint32_t arc4random_uniform(uint32_t u) { return u ? arc4random() % u : 0; }

unsigned int sleep(unsigned int s)
{
    struct timespec t = { s, 0 };
    nanosleep(&t, NULL);
    return 0;
}

/* The witness: an independent count of the steps that really ran on a host.
 *
 * Loaded into every program of a lab host by /etc/ld.so.preload. When a program starts with ARARAT_STEP_KEY
 * in its environment and no ancestor was counted for it, one line goes to the log:
 *     key TAB pid TAB parent's pid TAB argument zero TAB CLOCK_MONOTONIC in nanoseconds
 * It is written with a single write(2) in append mode, so lines of programs starting at once never mix. It
 * shares no code with what it watches, and does nothing when the log cannot be opened.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { kTextMax = 512, kLineMax = 2 * kTextMax + 128 };

static const char kLog[] = "/var/lib/witness/log";
static const char kKeyVariable[] = "ARARAT_STEP_KEY";
static const char kCountedVariable[] = "ARARAT_STEP_WITNESS";

/* A tab or a line end inside a value would forge columns or lines. */
static size_t append_text(char* line, size_t used, const char* text) {
    for (size_t i = 0; text[i] != '\0' && i < kTextMax; ++i) {
        unsigned char byte = (unsigned char)text[i];
        line[used++] = (byte < 0x20 || byte == 0x7f) ? '?' : (char)byte;
    }
    return used;
}

static size_t append_number(char* line, size_t used, uint64_t number) {
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    while (count != 0) {
        line[used++] = digits[--count];
    }
    return used;
}

static void write_line(const char* key, const char* program) {
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    char line[kLineMax];
    size_t used = append_text(line, 0, key);
    line[used++] = '\t';
    used = append_number(line, used, (uint64_t)getpid());
    line[used++] = '\t';
    used = append_number(line, used, (uint64_t)getppid());
    line[used++] = '\t';
    used = append_text(line, used, program);
    line[used++] = '\t';
    used = append_number(line, used, (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
    line[used++] = '\n';
    int log = open(kLog, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (log >= 0) {
        ssize_t written = write(log, line, used);
        (void)written; /* nobody to tell: the program being watched must not notice */
        (void)close(log);
    }
}

__attribute__((constructor)) static void witness_start(int argc, char** argv, char** environment) {
    (void)environment;
    const char* key = getenv(kKeyVariable);
    if (key == NULL || key[0] == '\0') {
        return;
    }
    const char* counted = getenv(kCountedVariable);
    if (counted != NULL) {
        return;
    }
    int saved = errno;
    write_line(key, argc > 0 && argv[0] != NULL ? argv[0] : "?");
    (void)setenv(kCountedVariable, "1", 1);
    errno = saved;
}

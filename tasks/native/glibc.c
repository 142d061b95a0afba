/*
 * Lets a library that was linked on a new Linux system run on older ones, down to glibc 2.28.
 *
 * The linker takes the newest version of each function of the C library. glibc 2.34 gave a new version to
 * all that it moved out of libpthread and libdl, although they do what they did before. So each call goes
 * through a wrapper (`--wrap=<name>`, from the list below) that jumps to the first version, which every
 * glibc has. Who opens the library must have libpthread and libdl, as Deno has: with an older glibc they
 * are libraries of their own.
 */
#include <sys/stat.h>

#if defined(__x86_64__)
#define FIRST "GLIBC_2.2.5"
#define SETNAME "GLIBC_2.12"
#define JUMP "jmp first_"
#define STAT_VERSION 1
#elif defined(__aarch64__)
#define FIRST "GLIBC_2.17"
#define SETNAME "GLIBC_2.17"
#define JUMP "b first_"
#define STAT_VERSION 0
#endif

#define WRAP_AT(version, name)                               \
  __asm__(".symver first_" #name ", " #name "@" version "\n" \
          ".globl __wrap_" #name "\n"                        \
          ".hidden __wrap_" #name "\n"                       \
          ".type __wrap_" #name ", %function\n"              \
          "__wrap_" #name ": " JUMP #name "\n");
#define WRAP(name) WRAP_AT(FIRST, name)

__asm__(".text");
WRAP(dladdr)
WRAP(dlclose)
WRAP(dlerror)
WRAP(dlopen)
WRAP(dlsym)
WRAP(log2)
WRAP(pow)
WRAP(pthread_create)
WRAP(pthread_detach)
WRAP(pthread_getspecific)
WRAP(pthread_join)
WRAP(pthread_key_create)
WRAP(pthread_key_delete)
WRAP(pthread_kill)
WRAP(pthread_mutex_timedlock)
WRAP(pthread_mutex_trylock)
WRAP(pthread_mutexattr_destroy)
WRAP(pthread_mutexattr_init)
WRAP(pthread_mutexattr_settype)
WRAP(pthread_once)
WRAP(pthread_rwlock_destroy)
WRAP(pthread_rwlock_init)
WRAP(pthread_rwlock_rdlock)
WRAP(pthread_rwlock_unlock)
WRAP(pthread_rwlock_wrlock)
WRAP_AT(SETNAME, pthread_setname_np)
WRAP(pthread_setspecific)
WRAP(pthread_sigmask)

/* Before 2.33 these were no functions of the shared library: a program called the others, with a version. */
#define WRAP_STAT(name, type, first)                             \
  __asm__(".symver " #first ", " #first "@" FIRST);              \
  extern int first(int version, type file, struct stat *result); \
  __attribute__((visibility("hidden")))                          \
  int __wrap_##name(type file, struct stat *result) {            \
    return first(STAT_VERSION, file, result);                    \
  }

WRAP_STAT(stat, const char *, __xstat)
WRAP_STAT(lstat, const char *, __lxstat)
WRAP_STAT(fstat, int, __fxstat)

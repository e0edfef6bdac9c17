/* SPDX-License-Identifier: MIT */
/*
 * The real-time room. What is in this folder runs on a real-time thread and may compute,
 * copy memory, wait in ppoll (thread.c alone) and call the few functions that are listed in
 * tests/rt-symbols. It never allocates, locks, logs, opens or waits for the main thread.
 *
 * Every .c file in this folder includes this header last: from here on, the words below do
 * not compile. What they would have done belongs to the main thread.
 */
#pragma GCC poison malloc calloc realloc free strdup asprintf
#pragma GCC poison printf fprintf snprintf vsnprintf puts fputs perror syslog            \
	sd_journal_print
#pragma GCC poison open openat creat fopen fclose close mmap munmap
#pragma GCC poison sleep usleep nanosleep clock_nanosleep select
#pragma GCC poison pthread_mutex_lock pthread_mutex_trylock pthread_cond_wait pthread_join
#pragma GCC poison sem_wait abort exit getenv

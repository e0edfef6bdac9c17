/* SPDX-License-Identifier: MIT */
/*
 * Anything that clients may ask for or send, in any order, on several connections, while time
 * passes and devices come and go.
 */
#include "fuzz/fuzz.h"
#include "fuzz/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	session_open();
	session_run(data, size);
	session_close();
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	return session_mutate(data, size, max_size, seed);
}

/* SPDX-License-Identifier: MIT */
/*
 * Found in place of the compiler's: what is compiled with it has its atomic numbers in the memory
 * of memory.c, where all happens that C allows and no processor at hand may do.
 */
#ifndef TESTS_WEAK_STDATOMIC_H
#define TESTS_WEAK_STDATOMIC_H

#include <stddef.h>
#include <stdint.h>

typedef enum memory_order {
	memory_order_relaxed,
	memory_order_acquire,
	memory_order_release,
	memory_order_acq_rel,
	memory_order_seq_cst,
} memory_order;

uint64_t weak_load(const volatile void *at, size_t size, memory_order order);
void weak_store(volatile void *at, size_t size, uint64_t value, memory_order order);
uint64_t weak_exchange(volatile void *at, size_t size, uint64_t value,
		       memory_order order);
uint64_t weak_add(volatile void *at, size_t size, uint64_t value, memory_order order);
void atomic_thread_fence(memory_order order);

#define WEAK_TYPE(at) __typeof__((void)0, *(at)) /* without _Atomic */
#define WEAK_BITS(at, value)                                                             \
	({                                                                               \
		WEAK_TYPE(at) from_ = (value);                                           \
		uint64_t to_ = 0;                                                        \
		__builtin_memcpy(&to_, &from_, sizeof(from_));                           \
		to_;                                                                     \
	})
#define WEAK_VALUE(at, bits)                                                             \
	({                                                                               \
		uint64_t bits_ = (bits);                                                 \
		WEAK_TYPE(at) value_;                                                    \
		__builtin_memcpy(&value_, &bits_, sizeof(value_));                       \
		value_;                                                                  \
	})

#define atomic_load_explicit(at, order)                                                  \
	WEAK_VALUE(at, weak_load((at), sizeof(*(at)), (order)))
#define atomic_store_explicit(at, value, order)                                          \
	weak_store((at), sizeof(*(at)), WEAK_BITS(at, value), (order))
#define atomic_exchange_explicit(at, value, order)                                       \
	WEAK_VALUE(at, weak_exchange((at), sizeof(*(at)), WEAK_BITS(at, value), (order)))
#define atomic_fetch_add_explicit(at, value, order)                                      \
	WEAK_VALUE(at, weak_add((at), sizeof(*(at)), WEAK_BITS(at, value), (order)))
#define atomic_load(at)         atomic_load_explicit((at), memory_order_seq_cst)
#define atomic_store(at, value) atomic_store_explicit((at), (value), memory_order_seq_cst)

#endif

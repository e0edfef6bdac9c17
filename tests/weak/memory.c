/* SPDX-License-Identifier: MIT */
/*
 * Each place in memory has a list of all that was ever stored there. Each thread has a clock for
 * either: how many of the operations of that one it knows to have happened. A store that releases
 * takes its thread's knowledge along, a load that acquires and gets it adds it to its own.
 */
#include "memory.h"

#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "must.h"
#include "stdatomic.h"

enum {
	THREADS = 2,
	PLACES = 256,
	STORES = 64, /* in one place */
	LOOKS = 256, /* at one place, by one thread */
	STACK = 1 << 20,
};

struct knowledge {
	uint64_t of[THREADS]; /* operations that have happened */
};

struct store {
	uint64_t value;
	int thread;
	uint64_t when; /* the how manieth operation of that one */
	struct knowledge released;
};

struct look {
	uint64_t when;
	uint32_t store;
};

struct place {
	const volatile void *at;
	uint32_t num_stores, last_seq_cst;
	struct store stores[STORES];
	uint32_t num_looks[THREADS];
	struct look looks[THREADS][LOOKS];
};

struct thread {
	void (*run)(void);
	ucontext_t context;
	bool ended;
	struct knowledge knows;
	struct knowledge fence;  /* what it knew at its latest release fence */
	struct knowledge loaded; /* what an acquire fence adds */
};

static struct place places[PLACES];
static uint32_t num_places;
static struct thread threads[THREADS];
static int running;
static bool is_weak; /* while they run */
static ucontext_t outside;
static unsigned int chance;
static int patience; /* they change over at one operation in so many */

int weak_chance(int n)
{
	return (int)((unsigned int)rand_r(&chance) % (unsigned int)n);
}

/* ---- what is known ------------------------------------------------------------------ */

static void learn(struct knowledge *k, const struct knowledge *more)
{
	for (int i = 0; i < THREADS; i++)
		if (k->of[i] < more->of[i])
			k->of[i] = more->of[i];
}

static bool acquires(memory_order order)
{
	return order == memory_order_acquire || order >= memory_order_acq_rel;
}

static bool releases(memory_order order)
{
	return order >= memory_order_release;
}

/* ---- places ------------------------------------------------------------------------- */

static struct place *add_place(const volatile void *at, size_t size)
{
	struct place *p = &places[num_places++];

	must(num_places <= PLACES, "too many places");
	*p = (struct place){.at = at, .num_stores = 1}; /* by nobody, known to all */
	memcpy(&p->stores[0].value, (const void *)at, size);
	return p;
}

static struct place *place_at(const volatile void *at, size_t size)
{
	for (uint32_t i = 0; i < num_places; i++)
		if (places[i].at == at)
			return &places[i];
	return add_place(at, size);
}

/* The oldest store that this thread may still get. */
static uint32_t oldest(const struct place *p, const struct thread *t, memory_order order)
{
	uint32_t first = order == memory_order_seq_cst ? p->last_seq_cst : 0;

	for (uint32_t i = p->num_stores; i-- > first;)
		if (p->stores[i].when <= t->knows.of[p->stores[i].thread]) {
			first = i;
			break;
		}
	for (int who = 0; who < THREADS; who++)
		for (uint32_t i = p->num_looks[who]; i-- > 0;)
			if (p->looks[who][i].when <= t->knows.of[who]) {
				if (first < p->looks[who][i].store)
					first = p->looks[who][i].store;
				break;
			}
	return first;
}

static uint64_t get(struct place *p, struct thread *t, uint32_t store, memory_order order)
{
	const struct store *s = &p->stores[store];
	int who = (int)(t - threads);

	must(p->num_looks[who] < LOOKS, "too many looks");
	p->looks[who][p->num_looks[who]++] = (struct look){t->knows.of[who], store};
	learn(acquires(order) ? &t->knows : &t->loaded, &s->released);
	return s->value;
}

static void put(struct place *p, struct thread *t, uint64_t value, size_t size,
		memory_order order)
{
	int who = (int)(t - threads);

	must(p->num_stores < STORES, "too many stores");
	if (order == memory_order_seq_cst)
		p->last_seq_cst = p->num_stores;
	p->stores[p->num_stores++] = (struct store){
		.value = value,
		.thread = who,
		.when = t->knows.of[who],
		.released = releases(order) ? t->knows : t->fence,
	};
	memcpy((void *)p->at, &value, size);
}

/* ---- threads ------------------------------------------------------------------------ */

static void change_to(int who)
{
	int before = running;

	running = who;
	swapcontext(&threads[before].context, &threads[who].context);
}

/* An operation begins. */
static struct thread *begin(void)
{
	int other = !running;

	if (!is_weak) { /* all is known, and only the latest counts */
		num_places = 0;
		return &threads[running];
	}
	if (!threads[other].ended && weak_chance(patience) == 0)
		change_to(other);
	threads[running].knows.of[running]++;
	return &threads[running];
}

static void run(void)
{
	threads[running].run();
	threads[running].ended = true;
	if (!threads[!running].ended)
		change_to(!running);
	swapcontext(&threads[running].context, &outside);
}

void weak_run(void (*main_thread)(void), void (*player)(void), unsigned int seed)
{
	static char stacks[THREADS][STACK];

	chance = seed;
	patience = 2 << weak_chance(7);
	num_places = 0;
	for (int i = 0; i < THREADS; i++) {
		struct thread *t = &threads[i];

		*t = (struct thread){.run = i == 0 ? main_thread : player};
		getcontext(&t->context);
		t->context.uc_stack.ss_sp = stacks[i];
		t->context.uc_stack.ss_size = STACK;
		makecontext(&t->context, run, 0);
	}
	running = weak_chance(THREADS);
	is_weak = true;
	swapcontext(&outside, &threads[running].context);
	is_weak = false;
}

/* ---- operations --------------------------------------------------------------------- */

uint64_t weak_load(const volatile void *at, size_t size, memory_order order)
{
	struct thread *t = begin();
	struct place *p = place_at(at, size);
	uint32_t first = oldest(p, t, order), last = p->num_stores - 1;

	return get(p, t, last - (uint32_t)weak_chance((int)(last - first) + 1), order);
}

void weak_store(volatile void *at, size_t size, uint64_t value, memory_order order)
{
	struct thread *t = begin();

	put(place_at(at, size), t, value, size, order);
}

/* Of a store that it follows upon it takes along what that one released. */
static uint64_t replace(struct place *p, struct thread *t, uint64_t value, size_t size,
			memory_order order)
{
	uint32_t last = p->num_stores - 1;
	uint64_t old = get(p, t, last, order);

	put(p, t, value, size, order);
	learn(&p->stores[last + 1].released, &p->stores[last].released);
	return old;
}

uint64_t weak_exchange(volatile void *at, size_t size, uint64_t value, memory_order order)
{
	struct thread *t = begin();

	return replace(place_at(at, size), t, value, size, order);
}

uint64_t weak_add(volatile void *at, size_t size, uint64_t value, memory_order order)
{
	struct thread *t = begin();
	struct place *p = place_at(at, size);

	return replace(p, t, p->stores[p->num_stores - 1].value + value, size, order);
}

void atomic_thread_fence(memory_order order)
{
	struct thread *t = begin();

	must(order != memory_order_seq_cst, "nobody here has such a fence");
	if (acquires(order))
		learn(&t->knows, &t->loaded);
	if (releases(order))
		t->fence = t->knows;
}

/* SPDX-License-Identifier: MIT */
/*
 * To the nanosecond where time is virtual, to a millisecond where it is not.
 */
#include "moment.h"

#include "sandbox.h"

#include <check.h>
#include <stdlib.h>

#include "model.h"

#define NS_PER_S   1000000000
#define CLOSELY_NS 1000000

struct moment moment_note(struct venue *v, uint64_t at_ns)
{
	struct moment m = {.at_ns = at_ns, .recorded = v->ops->recorded(v)};

	if (v->ops->is_virtual)
		m.now_ns = sandbox_now_ns(v->sandbox);
	return m;
}

static void check_virtual(const struct moment *m, const struct venue *v, uint64_t index)
{
	uint64_t since = m->recorded - index;

	ck_assert_uint_le(since, v->late);
	ck_assert_uint_eq(m->at_ns, m->now_ns - since * NS_PER_S / v->ops->rate);
}

static void check_real(const struct moment *m, const struct venue *v, struct timing *t,
		       uint64_t index)
{
	int64_t passed, frames;

	if (v->audd.on_card)
		ck_assert_uint_ge(m->recorded, index);
	if (!t->steady)
		return;
	if (!t->at_ns) {
		t->at_ns = m->at_ns;
		t->index = index;
	}
	passed = (int64_t)(m->at_ns - t->at_ns);
	frames = (int64_t)(index - t->index);
	ck_assert_int_le(llabs(passed - frames * NS_PER_S / v->ops->rate), CLOSELY_NS);
}

void moment_check(const struct moment *m, const struct venue *v, struct timing *t,
		  uint64_t index)
{
	ck_assert_uint_ne(index, MODEL_NEVER);
	if (v->ops->is_virtual)
		check_virtual(m, v, index);
	else
		check_real(m, v, t, index);
}

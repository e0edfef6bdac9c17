/* SPDX-License-Identifier: MIT */
/*
 * What a source has to know of the guard of its device: what is pushed must come before that, and
 * not every device has the same.
 */
#include <stdlib.h>
#include <string.h>

#include "hall.h"
#include "opening.h"
#include "stage.h"
#include "suite.h"

enum { MS = STAGE_RATE / 1000 };

static struct stage *st;
static struct opening card;

/* The output finds a card that has come, and its sources hear of it. */
static void plug_in(bool is_batch)
{
	struct config_output *c = (struct config_output *)output_config(st->output);

	opening_init(&card, NULL);
	card.fake.is_batch = is_batch;
	c->backend = BACKEND_ALSA;
	free(c->device);
	c->device = strdup("fake");
	device_start((struct device *)output_device(st->output));
	while (hall_is_due(st->output, 0))
		player_turn(output_player(st->output));
	sources_serve(&st->sources, st->output);
}

static void set_up(void)
{
	st = stage_new();
}

static void tear_down(void)
{
	card.sink = player_offer(output_player(st->output), NULL);
	opening_done(&card);
	stage_free(st);
}

START_TEST(what_is_near_the_end_of_a_source_goes_by_the_guard_of_the_card_that_it_gets)
{
	ck_assert_uint_eq(queue_near(&st->s->queue), 2 * MS);

	plug_in(true);

	ck_assert_uint_eq(queue_near(&st->s->queue), (1 + 5 + 1) * MS);
	/* The player is rung for it. */
	outputs_flush(&st->outputs);
	ck_assert(hall_is_due(st->output, 0));
	player_turn(output_player(st->output));
	ck_assert_uint_eq(st->s->voice.near, (1 + 5 + 1) * MS);
	ck_assert_uint_eq(queue_near(&stage_source(st, 100)->queue), (1 + 5 + 1) * MS);
}
END_TEST

START_TEST(a_card_that_keeps_no_more_than_the_settings_say_changes_nothing)
{
	plug_in(false);

	ck_assert_uint_eq(queue_near(&st->s->queue), 2 * MS);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("guard");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(
		t,
		what_is_near_the_end_of_a_source_goes_by_the_guard_of_the_card_that_it_gets);
	tcase_add_test(t,
		       a_card_that_keeps_no_more_than_the_settings_say_changes_nothing);
	return suite_run("guard", t);
}

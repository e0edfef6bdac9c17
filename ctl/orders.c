/* SPDX-License-Identifier: MIT */
/*
 * One request to each of several sources, all sent at once and then waited for.
 */
#include "orders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "sources.h"

struct orders {
	struct ctl *ctl;
	const struct order_kind *kind;
	struct order *orders;
	size_t num_orders;
	size_t waiting; /* for answers */
	bool by_name;   /* the sources were named; else they may go away meanwhile */
	int status;     /* exit status */
};

/* The first failure decides about the exit status. */
static void set_status(struct orders *o, int status)
{
	if (!o->status)
		o->status = status;
}

static void order_failed(struct order *order, int error, const char *message)
{
	struct orders *o = order->orders;

	order->error = error;
	if (error == -ENOENT && !o->by_name)
		return;
	ctl_error(o->ctl, "%s: %s", source_label(order->on->handle, order->on->name).s,
		  message);
	set_status(o, ctl_status(error));
}

void order_answered(const struct aud_result *result, void *user)
{
	struct order *order = user;
	const struct order_kind *kind = order->orders->kind;

	order->answered = true;
	order->orders->waiting--;
	if (result->error) {
		order_failed(order, result->error, result->message);
		return;
	}
	if (kind->keep)
		kind->keep(order, result);
	if (kind->status)
		set_status(order->orders, kind->status(order));
}

static void order_send(struct order *order)
{
	struct orders *o = order->orders;
	struct aud *aud = o->ctl->aud;
	int r;

	r = aud_source_by_handle(aud, &order->source, order->on->handle);
	if (r >= 0) {
		o->waiting++;
		r = o->kind->send(order);
		if (r < 0)
			o->waiting--;
	}
	if (r < 0)
		order_failed(order, r, aud_error(aud));
}

/* Ends early only if the connection does: then the rest is answered when it is freed. */
static void orders_wait(struct orders *o)
{
	int r = 0;

	while (o->waiting && r >= 0)
		r = aud_wait(o->ctl->aud, -1);
	if (o->waiting)
		ctl_disconnect(o->ctl);
}

static void orders_say(struct orders *o)
{
	for (size_t i = 0; i < o->num_orders; i++)
		if (o->orders[i].answered && !o->orders[i].error)
			o->kind->say(&o->orders[i]);
}

static void orders_print_json(struct orders *o)
{
	json_t *array = json_array();

	for (size_t i = 0; i < o->num_orders; i++)
		if (o->orders[i].answered && !o->orders[i].error)
			json_append(&array, o->kind->to_json(&o->orders[i]));
	set_status(o, json_print(o->ctl, array));
}

static int orders_give_to(struct orders *o, const struct sources *sources)
{
	o->orders = calloc(sources->num_chosen + 1, sizeof(o->orders[0]));
	if (!o->orders) {
		ctl_error(o->ctl, "%s", strerror(ENOMEM));
		return CTL_REFUSED;
	}
	o->num_orders = sources->num_chosen;
	for (size_t i = 0; i < o->num_orders; i++) {
		o->orders[i] = (struct order){
			.on = sources->chosen[i],
			.options = &o->ctl->options,
			.orders = o,
		};
		order_send(&o->orders[i]);
	}
	orders_wait(o);
	if (o->ctl->options.json)
		orders_print_json(o);
	else if (!o->ctl->options.quiet && o->num_orders)
		orders_say(o);
	else if (!o->ctl->options.quiet)
		puts(o->kind->nothing);
	free(o->orders);
	return o->status;
}

int orders_give(struct ctl *ctl, const struct order_kind *kind, char **operands,
		size_t num_operands)
{
	struct orders o = {.ctl = ctl, .kind = kind, .by_name = num_operands > 0};
	struct sources sources = {0};
	int status;

	if (ctl->options.all && num_operands)
		return ctl_usage(ctl, "--all and '%s' cannot go together", operands[0]);
	status = ctl_connect(ctl);
	if (status)
		return status;
	status = sources_choose(&sources, ctl, operands, num_operands,
				ctl->options.all ? SOURCES_MINE : SOURCES_OWN);
	if (!status)
		status = orders_give_to(&o, &sources);
	sources_done(&sources);
	return status;
}

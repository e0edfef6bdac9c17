/* SPDX-License-Identifier: MIT */
/*
 * Who may connect, and who may do what. The tests run as root; the strangers are nobody and
 * somebody.
 */
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audd.h"
#include "client.h"
#include "policy.h"
#include "suite.h"

#define DENIED AUD__ERROR_CODE__PERMISSION_DENIED

enum { NOBODY = 65534, SOMEBODY = 4711, MEMBERS = 4712 };

static struct audd audd;
static struct client client; /* root's */
static gid_t admins;         /* of the group daemon, which every Debian has */

static void set_up(void)
{
	memset(&audd, 0, sizeof(audd));
	admins = getgrnam("daemon")->gr_gid;
}

static void tear_down(void)
{
	if (audd.pid)
		ck_assert_int_eq(audd_stop(&audd), 0);
	audd_done(&audd);
}

static void start(const char *config)
{
	audd_start(&audd, config);
	client_init(&client, audd.socket);
}

static void stop(void)
{
	client_done(&client);
	ck_assert_int_eq(audd_stop(&audd), 0);
}

/* ---- clients and rules ---------------------------------------------------------------- */

/* One that another user connects with; both ends. */
static void make_creds(struct creds *p, uid_t uid, const gid_t *groups, size_t n)
{
	int fds[2];

	ck_assert_int_eq(setgroups(n, groups), 0);
	ck_assert_int_eq(setegid(MEMBERS), 0);
	ck_assert_int_eq(seteuid(uid), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(setegid(0), 0);
	ck_assert_int_eq(setgroups(0, NULL), 0);
	ck_assert_int_eq(creds_init(p, fds[0]), 0);
	close(fds[0]);
	close(fds[1]);
}

START_TEST(a_client_is_known_with_all_its_groups)
{
	enum { MANY = 1000 };
	gid_t groups[MANY];
	struct creds p;

	for (gid_t i = 0; i < MANY; i++)
		groups[i] = 100 + 3 * i;
	make_creds(&p, SOMEBODY, groups, MANY);

	ck_assert_uint_eq(p.uid, SOMEBODY);
	ck_assert_int_eq(p.pid, getpid());
	ck_assert(creds_is_in(&p, MEMBERS));
	for (gid_t i = 0; i < MANY; i++)
		ck_assert(creds_is_in(&p, groups[i]));
	ck_assert(!creds_is_in(&p, 0));
	ck_assert(!creds_is_in(&p, 101));
	creds_done(&p);

	make_creds(&p, SOMEBODY, NULL, 0);
	ck_assert(creds_is_in(&p, MEMBERS));
	ck_assert(!creds_is_in(&p, 100));
	creds_done(&p);
}
END_TEST

START_TEST(a_member_of_the_group_is_an_administrator)
{
	struct policy p = {0};
	struct creds creds;

	make_creds(&creds, SOMEBODY, &admins, 1);
	ck_assert(!policy_is_admin(&p, &creds));

	ck_assert_int_eq(policy_set_admins(&p, "daemon"), 0);
	ck_assert(policy_is_admin(&p, &creds));
	ck_assert(policy_may_control(&p, &creds, NOBODY));

	ck_assert_int_eq(policy_set_admins(&p, "no such group"), -ENOENT);
	ck_assert(!policy_is_admin(&p, &creds));
	ck_assert(!policy_may_control(&p, &creds, NOBODY));
	ck_assert(policy_may_control(&p, &creds, SOMEBODY));

	ck_assert_int_eq(policy_set_admins(&p, NULL), 0);
	ck_assert(!policy_is_admin(&p, &creds));
	creds_done(&creds);
}
END_TEST

START_TEST(root_and_the_daemons_user_are_administrators)
{
	struct policy p = {0};
	struct creds root, own;

	make_creds(&root, 0, NULL, 0);
	make_creds(&own, SOMEBODY, NULL, 0);
	ck_assert_int_eq(seteuid(SOMEBODY), 0);

	ck_assert(policy_is_admin(&p, &root));
	ck_assert(policy_is_admin(&p, &own));
	ck_assert_int_eq(seteuid(0), 0);
	creds_done(&root);
	creds_done(&own);
}
END_TEST

START_TEST(a_member_controls_what_a_stranger_only_sees)
{
	const Aud__AudioSourceStatus *seen;
	struct client member, stranger;
	uint64_t handle;

	start("[daemon]\nadmin_group = daemon\n");
	handle = client_source(&client, 2, 1000);
	client_init_as(&member, audd.socket, SOMEBODY, admins);
	client_init_as(&stranger, audd.socket, NOBODY, NOBODY);

	seen = client_await(&stranger, client_list(&stranger))
		       ->list_audio_sources->sources[0];
	ck_assert_uint_eq(seen->source_handle, handle);
	ck_assert(!seen->may_control);
	client_assert_refused(&stranger, client_pause(&stranger, handle), DENIED,
			      "another user");

	seen = client_await(&member, client_list(&member))
		       ->list_audio_sources->sources[0];
	ck_assert(seen->may_control);
	client_await(&member, client_pause(&member, handle));
	ck_assert(client_look_at(&member, handle)->paused);
	client_done(&member);
	client_done(&stranger);
	stop();
}
END_TEST

/* Wherever in the message it might stand. */
START_TEST(a_list_tells_nobody_a_token)
{
	const Aud__Reply *r;
	struct client stranger;
	uint8_t token[16], list[4096];
	size_t n;

	start(NULL);
	r = client_await(&client, client_new_source(&client, 2, 1000));
	ck_assert_uint_eq(r->new_audio_source->token.len, sizeof(token));
	memcpy(token, r->new_audio_source->token.data, sizeof(token));
	client_init_as(&stranger, audd.socket, NOBODY, NOBODY);

	r = client_await(&stranger, client_list(&stranger));
	ck_assert_uint_eq(r->list_audio_sources->n_sources, 1);
	ck_assert_uint_le(aud__reply__get_packed_size(r), sizeof(list));
	n = aud__reply__pack(r, list);
	ck_assert_ptr_null(memmem(list, n, token, sizeof(token)));
	client_done(&stranger);
	stop();
}
END_TEST

START_TEST(a_group_of_administrators_that_is_not_there_is_said)
{
	start("[daemon]\nadmin_group = none\033such\n");

	ck_assert_int_eq(audd_log_lines(&audd, "there is no group 'none\\x1bsuch'"), 1);
	stop();
}
END_TEST

/* ---- the socket --------------------------------------------------------------------- */

static struct stat look_at_socket(void)
{
	struct stat st;

	ck_assert_int_eq(stat(audd.socket, &st), 0);
	return st;
}

START_TEST(the_socket_is_for_its_user_and_the_usual_group)
{
	const struct group *audio = getgrnam("audio");

	start(NULL);

	ck_assert_uint_eq(look_at_socket().st_mode & 07777, 0660);
	ck_assert_uint_eq(look_at_socket().st_gid, audio ? audio->gr_gid : getegid());
	stop();
}
END_TEST

START_TEST(the_socket_is_given_to_the_group_that_is_asked_for)
{
	start("[daemon]\nsocket_group = daemon\n");

	ck_assert_uint_eq(look_at_socket().st_mode & 07777, 0660);
	ck_assert_uint_eq(look_at_socket().st_gid, admins);
	stop();
}
END_TEST

START_TEST(a_group_of_the_socket_that_is_not_there_is_an_error)
{
	const char *options[] = {"--socket", "/tmp/audd-test.none", "--backend", "null",
				 NULL};
	FILE *config;

	start(NULL);
	config = fopen(audd.config, "we");
	fputs("[daemon]\nsocket_group = none\033such\n", config);
	fclose(config);

	ck_assert_int_eq(audd_wait(audd_spawn(&audd, options)), 1);
	ck_assert_int_eq(audd_log_lines(&audd, "there is no group 'none\\x1bsuch'"), 1);
	ck_assert_int_lt(access("/tmp/audd-test.none", F_OK), 0);
	stop();
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("policy");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, a_client_is_known_with_all_its_groups);
	tcase_add_test(tc, a_member_of_the_group_is_an_administrator);
	tcase_add_test(tc, root_and_the_daemons_user_are_administrators);
	tcase_add_test(tc, a_member_controls_what_a_stranger_only_sees);
	tcase_add_test(tc, a_list_tells_nobody_a_token);
	tcase_add_test(tc, a_group_of_administrators_that_is_not_there_is_said);
	tcase_add_test(tc, the_socket_is_for_its_user_and_the_usual_group);
	tcase_add_test(tc, the_socket_is_given_to_the_group_that_is_asked_for);
	tcase_add_test(tc, a_group_of_the_socket_that_is_not_there_is_an_error);
	return suite_run("policy", tc);
}
